"""`python -m reports`."""

import signal
import sys

try:
    from reports.commands import main

    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    code = main(sys.argv[1:])
except KeyboardInterrupt:
    # while modules were read: nothing had begun
    code = 2
sys.exit(code)
