# SPDX-License-Identifier: MIT
"""Port rights as objects that own them."""

from __future__ import annotations

import ctypes
import os
from ctypes import c_uint32
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from . import _lib, const

if TYPE_CHECKING:
    from .message import Message

Self = TypeVar("Self", bound="Right")

# Names of the parent mean nothing in a forked child, which has a task of its
# own: objects from before the fork are of another generation, and void.
_generation = 0


def _forked() -> None:
    global _generation
    _generation += 1


os.register_at_fork(after_in_child=_forked)


class Right:
    """One user reference of a right of this task.

    It is given back by close(), at the end of `with`, or when nobody refers
    to the object any more; a right that is moved in a message has gone.
    """

    moves_as = 0

    def __init__(self, name: int):
        """Own the reference that the caller has under name."""
        self._name = name
        self._generation = _generation

    @property
    def name(self) -> int:
        """The name in this task.  ValueError: the right is gone."""
        if not self:
            raise ValueError("the right was closed, moved, or forked away")
        return self._name

    def __bool__(self) -> bool:
        return bool(self._name) and self._generation == _generation

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._name if self else 'closed'}>"

    def detach(self) -> int:
        """Give the right up without closing it: its name."""
        name, self._name = self.name, 0
        return name

    def close(self) -> None:
        """Give the right back; a second time does nothing."""
        if self:
            self._release(self.detach())

    def _release(self, name: int) -> None:
        _lib.port_deallocate(_lib.mach_task_self(), name)

    def __enter__(self: Self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None,
                 error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close()

    def __del__(self) -> None:
        # __init__ may have failed; at exit the module may be gone already.
        if getattr(self, "_name", 0) and _lib is not None:
            self.close()


class DeadName(Right):
    """What is left of a right whose port has died."""


#: In a message, in the place of a right: its port was dead.
DEAD = DeadName(0)


class _Sendable(Right):
    def send(self, *items: Any, id: int = 0, reply: Any = None,
             timeout: float | None = None) -> None:
        """Send a message of these items; see mach.Message.

        Waits for room in the queue, at most timeout seconds
        (MachTimeout).  Rights that were to be moved are gone even if the
        send fails, unless nothing was done at all (MACH_SEND_INVALID_DEST and
        other mistakes).
        """
        from . import message, transfer
        transfer.send(self, message.Message(items, id=id, reply=reply),
                      timeout)

    def rpc(self, *items: Any, id: int = 0,
            timeout: float | None = None) -> Message:
        """Send a message and wait for the answer.

        timeout seconds are for both together.  MIG_SERVER_DIED: nobody will
        answer.
        """
        from . import message, transfer
        with ReceiveRight() as port:
            return transfer.rpc(
                self, message.Message(items, id=id, reply=port), port.name,
                timeout)

    def notify_dead(self, notify: ReceiveRight) -> None:
        """Have MACH_NOTIFY_DEAD_NAME sent to notify when the port dies, at
        once if it is dead.  This right must be kept until then."""
        _request(self.name, const.MACH_NOTIFY_DEAD_NAME, 1, notify)


class SendRight(_Sendable):
    """The right to send any number of messages."""

    moves_as = const.MACH_MSG_TYPE_MOVE_SEND

    def copy(self) -> SendRight:
        """Another object with a reference of its own."""
        _lib.check(_lib.port_mod_refs(_lib.task_self(), self.name,
                                      const.MACH_PORT_RIGHT_SEND, 1))
        return SendRight(self.name)


class SendOnceRight(_Sendable):
    """The right to send one message, which uses it up.  If it goes unused its
    port gets MACH_NOTIFY_SEND_ONCE."""

    moves_as = const.MACH_MSG_TYPE_MOVE_SEND_ONCE


class Status(NamedTuple):
    """mach_port_get_receive_status()"""
    pset: int
    seqno: int
    mscount: int
    qlimit: int
    msgcount: int
    sorights: int
    srights: bool
    pdrequest: bool
    nsrequest: bool


class _Receivable(Right):
    _right = const.MACH_PORT_RIGHT_RECEIVE
    _fd = -1

    def __init__(self) -> None:
        """Allocate a new one."""
        super().__init__(_lib.out_name(_lib.port_allocate, _lib.task_self(),
                                       self._right))

    @classmethod
    def adopt(cls: type[Self], name: int) -> Self:
        """Own the right that the caller has under name."""
        right = cls.__new__(cls)
        Right.__init__(right, name)
        return right

    def receive(self, timeout: float | None = None, *,
                ordinary: bool = False) -> Message:
        """Wait for a message, at most timeout seconds (MachTimeout).

        ordinary asks for out-of-line memory that is copied and then good for
        everything (O_DIRECT, io_uring); else it is shared.
        """
        from . import transfer
        return transfer.receive(self.name, timeout, ordinary)

    def fileno(self) -> int:
        """A descriptor that is readable while there is a message, for
        selectors; it belongs to this object."""
        if self._fd < 0:
            self._fd = self.poll_fd()
        return self._fd

    def poll_fd(self) -> int:
        """Another one, which belongs to the caller."""
        return _lib.out_fd(_lib.port_poll_fd, self.name, const.MACH_FD_CLOEXEC)

    def _release(self, name: int) -> None:
        _lib.port_mod_refs(_lib.mach_task_self(), name, self._right, -1)

    def detach(self) -> int:
        """Give the right up without closing it: its name."""
        name = super().detach()
        self._close_fd()
        return name

    def close(self) -> None:
        """Destroy it: who has a send right for the port has a dead name."""
        super().close()
        self._close_fd()

    def _close_fd(self) -> None:
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)


class ReceiveRight(_Receivable):
    """A port: who has the receive right gets the messages."""

    moves_as = const.MACH_MSG_TYPE_MOVE_RECEIVE

    def make_send(self) -> SendRight:
        """A send right for this port."""
        _lib.check(_lib.port_insert_right(_lib.task_self(), self.name,
                                          self.name,
                                          const.MACH_MSG_TYPE_MAKE_SEND))
        return SendRight(self.name)

    def make_send_once(self) -> SendOnceRight:
        """A send-once right for this port, under a name of its own."""
        name = _lib.out_name(
            lambda *arguments: _lib.port_extract_right(
                *arguments, ctypes.byref(c_uint32())),
            _lib.task_self(), self.name, const.MACH_MSG_TYPE_MAKE_SEND_ONCE)
        return SendOnceRight(name)

    def set_qlimit(self, qlimit: int) -> None:
        """How many messages the queue holds before senders wait."""
        _lib.check(_lib.port_set_qlimit(_lib.task_self(), self.name, qlimit))

    def status(self) -> Status:
        """Counts of messages and rights."""
        words = (c_uint32 * 9)()
        _lib.check(_lib.port_get_receive_status(_lib.task_self(), self.name,
                                                ctypes.addressof(words)))
        return Status(*words[:6], *map(bool, words[6:]))

    def notify_no_senders(self, notify: ReceiveRight, sync: int = 0) -> None:
        """Have MACH_NOTIFY_NO_SENDERS sent to notify when the last send right
        goes; at once if there is none and the make-send count is sync."""
        _request(self.name, const.MACH_NOTIFY_NO_SENDERS, sync, notify)

    def notify_destroyed(self, notify: ReceiveRight) -> None:
        """Have MACH_NOTIFY_PORT_DESTROYED, with this right in it, sent to
        notify instead of destroying the port."""
        _request(self.name, const.MACH_NOTIFY_PORT_DESTROYED, 0, notify)


class PortSet(_Receivable):
    """Ports whose messages are received in one place; none is starved.

    Message.port is the name of the port that a message came to.
    """

    _right = const.MACH_PORT_RIGHT_PORT_SET

    def add(self, port: ReceiveRight) -> None:
        """Take the port in, out of any other set."""
        _lib.check(_lib.port_move_member(_lib.task_self(), port.name,
                                         self.name))

    def remove(self, port: ReceiveRight) -> None:
        """Take the port out.  KERN_NOT_IN_SET: it is in no set."""
        _lib.check(_lib.port_move_member(_lib.task_self(), port.name, 0))


def _request(name: int, id: int, sync: int, notify: ReceiveRight) -> None:
    previous = _lib.out_name(_lib.port_request_notification, _lib.task_self(),
                             name, id, sync, notify.name,
                             const.MACH_MSG_TYPE_MAKE_SEND_ONCE)
    if previous not in (const.MACH_PORT_NULL, const.MACH_PORT_DEAD):
        SendOnceRight(previous).close()


_received = {
    const.MACH_MSG_TYPE_MOVE_RECEIVE: ReceiveRight.adopt,
    const.MACH_MSG_TYPE_MOVE_SEND: SendRight,
    const.MACH_MSG_TYPE_MOVE_SEND_ONCE: SendOnceRight,
}


def received(name: int, type: int) -> Right | None:
    """The object for a right that came in a message."""
    if name == const.MACH_PORT_NULL:
        return None
    if name == const.MACH_PORT_DEAD:
        return DEAD
    return _received[type](name)
