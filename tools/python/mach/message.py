# SPDX-License-Identifier: MIT
"""Messages and their typed items."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Iterable, Sequence

from . import const
from .identity import Sender
from .memory import Memory
from .right import DeadName, ReceiveRight, Right, SendRight

_FORMATS = {8: "B", 16: "H", 32: "I", 64: "Q"}


@dataclass(eq=False)
class Data:
    """Data: elements of so many bits each, of a type that is for the receiver.

    out_of_line sends memory by reference: whole pages of private memory (see
    mach.Memory) are shared and not copied; move takes them away, from a
    Memory only.  A received item has a memoryview of bytes, or a Memory.
    """

    data: Any
    type: int = const.MACH_MSG_TYPE_BYTE
    bits: int = 8
    out_of_line: bool = False
    move: bool = False

    @classmethod
    def of_integers(cls, *values: int, bits: int = 32) -> Data:
        """Unsigned integers of 16, 32 or 64 bits."""
        type = {16: const.MACH_MSG_TYPE_INTEGER_16,
                32: const.MACH_MSG_TYPE_INTEGER_32,
                64: const.MACH_MSG_TYPE_INTEGER_64}[bits]
        return cls(struct.pack(f"={len(values)}{_FORMATS[bits]}", *values),
                   type, bits)

    def integers(self) -> list[int]:
        """The elements as unsigned integers."""
        return self.view().cast(_FORMATS[self.bits]).tolist()

    def view(self) -> memoryview:
        """The bytes."""
        data = self.data
        return data.view if isinstance(data, Memory) else memoryview(data)

    def __bytes__(self) -> bytes:
        return bytes(self.view())

    def close(self) -> None:
        """Let go of memory."""
        if isinstance(self.data, Memory):
            self.data.close()


@dataclass(eq=False)
class Rights:
    """Rights that travel in one way (disposition); None is no right.

    In a received item the disposition is what arrived: MOVE_RECEIVE,
    MOVE_SEND or MOVE_SEND_ONCE.
    """

    rights: Sequence[Right | None]
    disposition: int
    out_of_line: bool = False

    def moved(self) -> Iterable[Right]:
        """Those that go away when they are sent."""
        if self.disposition <= const.MACH_MSG_TYPE_MOVE_SEND_ONCE:
            return filter(None, self.rights)
        return ()

    def close(self) -> None:
        """Give the rights back."""
        for right in filter(None, self.rights):
            right.close()


def move(right: Right) -> Rights:
    """Send the right itself away."""
    return Rights([right], right.moves_as)


def copy(right: SendRight) -> Rights:
    """Send a copy of a send right."""
    return Rights([right], const.MACH_MSG_TYPE_COPY_SEND)


def make_send(port: ReceiveRight) -> Rights:
    """Send a new send right for a port."""
    return Rights([port], const.MACH_MSG_TYPE_MAKE_SEND)


def make_send_once(port: ReceiveRight) -> Rights:
    """Send a new send-once right for a port."""
    return Rights([port], const.MACH_MSG_TYPE_MAKE_SEND_ONCE)


@dataclass(frozen=True)
class Notification:
    """What the kernel tells: kind is MACH_NOTIFY_*.

    name: of the right in question, where there is one.  count: the make-send
    count of MACH_NOTIFY_NO_SENDERS.  MACH_NOTIFY_DEAD_NAME comes with a
    reference of the dead name, dead_name.
    """

    kind: int
    name: int | None = None
    count: int | None = None
    dead_name: DeadName | None = None


class Message:
    """A message to send, or one that was received.

    items: Data and Rights; bytes and the like stand for Data.  id is for the
    receiver.  reply: the right to answer to; when sent, a ReceiveRight (for
    which a send-once right is made), a SendRight (copied), a SendOnceRight
    (moved), or what move() and its like give.  Of a received message also:
    sender (a Sender), port (the name in this task of the port it came to),
    seqno, notification (only if the kernel itself sent it), and body, the
    bytes.  A body that is not well typed, which a sender can bring about, has
    no items.

    The rights and memory of a message live as long as anything refers to
    them; close(), or `with`, gives back what still is in the message.
    """

    sender: Sender | None = None
    port = const.MACH_PORT_NULL
    seqno = 0
    body: memoryview = memoryview(b"")
    notification: Notification | None = None

    def __init__(self, items: Iterable[Any] = (), *, id: int = 0,
                 reply: Any = None):
        self.items = [item if isinstance(item, (Data, Rights)) else Data(item)
                      for item in items]
        self.id = id
        self.reply = reply

    @property
    def rights(self) -> list[Right | None]:
        """All rights of the items, in order."""
        return [right for item in self.items if isinstance(item, Rights)
                for right in item.rights]

    def close(self) -> None:
        """Give back rights and memory."""
        for item in self.items:
            item.close()
        if isinstance(self.reply, Right):
            self.reply.close()
        if self.notification and self.notification.dead_name:
            self.notification.dead_name.close()

    def __enter__(self) -> Message:
        return self

    def __exit__(self, kind: type[BaseException] | None,
                 error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close()
