"""What can go wrong, cut by what the reader can do about it.

    LadingError          3  the root; never raised itself
      UsageError         2  the command was called wrongly: change the call
      MalformedError     3  the input is broken: get another copy, or report it to who made it
      LimitError         3  the input is larger or deeper than Lading takes
      UnavailableError   3  something outside did not answer, or has no such thing: try later, check the name
      DeniedError        3  somebody said no: credentials, permissions
      FailedError        3  a program that was run did not succeed: mend what it was given
      StoppedError       3  given up on the way, because of another error or somebody's wish

The number is the exit status. Only `cli.main` turns an error into text.
"""

from __future__ import annotations


class LadingError(Exception):
    """Base of every error that Lading raises on purpose.

    message: what is wrong, one line, no trailing stop.
    where: the file, line, URL or member that it is about; empty if there is no such thing.
    hint: what to do, one line; empty if there is nothing to be done.
    """

    exit_status = 3

    def __init__(self, message: str, where: str = "", hint: str = "") -> None:
        super().__init__(message, where, hint)
        self.message = message
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.where}: {self.message}" if self.where else self.message


class UsageError(LadingError):
    """The command or function was called with arguments that make no sense."""

    exit_status = 2


class MalformedError(LadingError):
    """Data from outside does not have the form that its specification gives it."""


class LimitError(LadingError):
    """Data from outside exceeds a stated limit (bytes, depth, count or time)."""


class UnavailableError(LadingError):
    """Something outside is not there or does not answer."""


class DeniedError(LadingError):
    """Something outside refuses: authentication, authorisation, file permissions."""


class FailedError(LadingError):
    """A program that was run on the user's behalf did not succeed."""


class StoppedError(LadingError):
    """Work was given up on the way: something else has failed, or somebody has interrupted it."""
