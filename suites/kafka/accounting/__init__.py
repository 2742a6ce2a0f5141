"""Every record accounted for: the judge of histories, which knows nothing but what clients did and saw.

    account(history)   the problems, by the guarantee that the history declares
    balance(history)   these, what was allowed, and the counts, to be shown to people
    outage(history)    the longest time without an acknowledgement
    rates(history)     acknowledgements, errors and reads a second

`python -m suites.kafka.accounting FILE…` judges saved histories again.
"""

from suites.kafka.accounting.balance import Balance, account, balance
from suites.kafka.accounting.gaps import Outage, Rate, outage, rates
from suites.kafka.accounting.groups import left_out

__all__ = ["Balance", "Outage", "Rate", "account", "balance", "left_out", "outage", "rates"]
