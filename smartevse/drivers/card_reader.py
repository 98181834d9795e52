"""What every card reader can do, and how one says that it is not there."""

from __future__ import annotations

from typing import Protocol


class ReaderError(OSError):
    """The reader does not answer or cannot be used; the text says what was seen and what to do."""


class CardReader(Protocol):
    """A reader that is there and ready; a new one is opened after an error."""

    def card(self) -> bytes | None:
        """The number of the card on the reader (4 to 10 bytes), or None for none; waits at most some 0.3 s.

        Raises ReaderError when the reader is lost, ValueError for a card that cannot be used.
        """

    def close(self) -> None:
        """Give the reader back; never raises."""
