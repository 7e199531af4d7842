"""Whether two accounts may stand for two people. Takes a session, two logins and the time; gives yes or no.

Whoever gave somebody a one-time password could have signed in with it first: for a while such an account proves no
second person, whatever password it has by now.
"""
from sqlalchemy.orm import Session

from testing_server.foundation.accounts.queries import Account, find_any_account

DAY_MS = 24 * 3_600_000
# by then the person has worked with the account, or has asked where the password is
ISSUE_COUNTS_MS = 30 * DAY_MS


def may_be_one_hand(session: Session, asking: str, deciding: str, now_ms: int) -> bool:
    """True for one account; for one that the other has made, as long as it decides about the other's wish; for 30 days
    where one gave the other's password, or the same third person with an account here gave both."""
    one, other = find_any_account(session, asking), find_any_account(session, deciding)
    if one is None or other is None or one.login in (other.login, other.created_by):
        return True
    gave_one, gave_other = _name_giver(one, now_ms), _name_giver(other, now_ms)
    if gave_one == other.login or gave_other == one.login:
        return True
    # whoever sits at the server's own command line has no account and could read everything anyway
    return gave_one == gave_other != "" and find_any_account(session, gave_one) is not None


def _name_giver(account: Account, now_ms: int) -> str:
    """Login of who gave the password lately, "" when that is long ago; a clock that was set back makes nothing old."""
    is_fresh = now_ms - account.password_issued_at_ms < ISSUE_COUNTS_MS
    return account.password_issued_by if is_fresh and account.password_issued_by != account.login else ""
