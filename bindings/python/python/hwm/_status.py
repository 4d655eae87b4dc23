"""The status that an account can be put into."""

from __future__ import annotations

from enum import IntEnum


class UserStatus(IntEnum):
    """The status that an account can be put into. The numbers are those of the remote API.

    >>> UserStatus.DISABLED == 1
    True
    """

    NORMAL = 0
    """Enabled: the user can log in and use the service."""

    DISABLED = 1
    """Disabled: the account is kept, but cannot be used."""
