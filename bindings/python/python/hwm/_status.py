"""The status that an account can be put into."""

from __future__ import annotations

from enum import IntEnum

from hwm._errors import InvalidArgument


class UserStatus(IntEnum):
    """The status that an account can be put into. The numbers are those of the remote API.

    >>> UserStatus.DISABLED == 1
    True
    >>> UserStatus.named("disabled")
    <UserStatus.DISABLED: 1>
    """

    NORMAL = 0
    """Enabled: the user can log in and use the service."""

    DISABLED = 1
    """Disabled: the account is kept, but cannot be used."""

    @classmethod
    def named(cls, word: str) -> UserStatus:
        """The status that a word names: for words that a program reads.

        Raises:
            hwm.InvalidArgument: it is neither "normal" nor "disabled".
        """
        for status in cls:
            if word == status.name.lower():
                return status
        raise InvalidArgument(f"status is {word!r}, but must be 'normal' or 'disabled'")
