#!/bin/sh
# start-guard.sh ID PROGRAM OPTION…: becomes flanneld, unless another machine has claimed its --public-ip.
# A sketch, for ExecStart= of a unit: start-guard.sh %m /usr/bin/flanneld --public-ip=… (%m is systemd's machine ID).
# The first machine that starts under an address claims it in etcd, beside flannel's registry, until somebody deletes
# the claim. Needs etcdctl; what that needs beside the endpoints (TLS, a user) it takes from its own ETCDCTL_ variables.
id=$1
shift
etcd=${FLANNELD_ETCD_ENDPOINTS:-http://127.0.0.1:4001,http://127.0.0.1:2379}
prefix=${FLANNELD_ETCD_PREFIX:-/coreos.com/network}
address=$FLANNELD_PUBLIC_IP
name=
for option; do
    case $option in
        -*=*) name=${option%%=*} value=${option#*=} ;;
        -*) name=$option value= ;;
        *) value=$option ;; # of the option before it
    esac
    case ${value:+$name} in
        -public-ip | --public-ip) address=$value ;;
        -etcd-endpoints | --etcd-endpoints) etcd=$value ;;
        -etcd-prefix | --etcd-prefix) prefix=$value ;;
    esac
done
if [ -z "$id" ] || [ -z "$address" ]; then
    echo "start-guard: refused: it needs this machine's ID, and flanneld's --public-ip" >&2
    exit 1
fi
key=/start-guard$prefix/$address
# written unless it is there, and read either way
answer=$(printf 'create("%s") = "0"\n\nput %s %s\n\nget %s\n\n' "$key" "$key" "$id" "$key" | etcdctl --endpoints "$etcd" txn) || {
    echo "start-guard: refused: etcd cannot be asked who has claimed $address" >&2
    exit 1
}
holder=$(echo "$answer" | tail -n 1)
case $answer in SUCCESS*) holder=$id ;; esac
if [ "$holder" != "$id" ]; then
    echo "start-guard: refused: machine $holder has claimed $address; if it is gone: etcdctl del $key" >&2
    exit 1
fi
exec "$@"
