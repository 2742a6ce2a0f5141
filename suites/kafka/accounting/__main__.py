"""`python -m suites.kafka.accounting FILE…`."""

import signal
import sys
from io import TextIOWrapper

try:
    from suites.kafka.accounting.command import main

    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal may not have each sign
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    code = main(sys.argv[1:])
except KeyboardInterrupt:
    code = 2
sys.exit(code)
