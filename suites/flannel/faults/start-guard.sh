#!/bin/sh
# Starts flanneld, which is told as arguments with its options, unless another node holds a lease of its --public-ip.
# A lease is the node's own when its subnet.env tells the same subnet. Needs etcdctl.
for option; do
    value=${option#*=}
    case $option in
        --public-ip=*) address=$value ;;
        --etcd-endpoints=*) etcd=$value ;;
        --etcd-prefix=*) prefix=$value ;;
        --subnet-file=*) file=$value ;;
    esac
done
[ -n "$address" ] || exec "$@"
# keys like …/subnets/10.244.3.0-24, each with its value on the next line
key=$(etcdctl --endpoints "$etcd" get --prefix "$prefix/subnets/" | grep -F -B 1 "\"PublicIP\":\"$address\"" | head -n 1)
leased=${key##*/}
own=$(sed -n 's/^FLANNEL_SUBNET=//p' "$file" 2>/dev/null)
if [ -n "$leased" ] && [ "${leased%.*}" != "${own%.*}" ]; then
    echo "start-guard: refused: another node holds $leased under $address" >&2
    exit 1
fi
exec "$@"
