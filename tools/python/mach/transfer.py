# SPDX-License-Identifier: MIT
"""Messages on their way out and in.

A message is a header and items: a descriptor of 8 bytes, then the item, each
on a multiple of 8 (<linux/mach.h> has the layout).
"""

from __future__ import annotations

import ctypes
import math
import struct
import time
from typing import Any, Iterable

from . import _lib, const
from .error import MachError
from .identity import Sender
from .memory import Memory
from .message import (Data, Message, Notification, Rights, copy,
                      make_send_once, move)
from .right import (DEAD, DeadName, ReceiveRight, Right, SendOnceRight,
                    SendRight, received)

_HEADER = struct.Struct("<IIQQII")
_WORD = struct.Struct("<Q")
_FIRST_BUFFER = 4096
_ORDINARY = 1           # MACH_MSG_ORDINARY
_RECEIVE = const.MACH_RCV_MSG | const.MACH_RCV_LARGE
_OF_RECEIVE = 0x4000    # in a code: of the receive, so the send was done

# Results after which nothing has happened to any right, and those after which
# the message is back in the buffer, with all of its rights.
_UNTOUCHED = {
    const.MACH_SEND_INVALID_DATA, const.MACH_SEND_INVALID_DEST,
    const.MACH_SEND_MSG_TOO_SMALL, const.MACH_SEND_INVALID_REPLY,
    const.MACH_SEND_INVALID_TYPE, const.MACH_SEND_INVALID_HEADER,
}
_RETURNED = {
    const.MACH_SEND_TIMED_OUT, const.MACH_SEND_NOTIFY_IN_PROGRESS,
    const.MACH_SEND_INTERRUPTED, const.MACH_SEND_INVALID_NOTIFY,
    const.MACH_SEND_NO_NOTIFY,
}


def _reply(reply: Any) -> Rights | None:
    if isinstance(reply, ReceiveRight):
        return make_send_once(reply)
    if isinstance(reply, SendRight):
        return copy(reply)
    if isinstance(reply, SendOnceRight):
        return move(reply)
    return reply


# ---- layout ----

def _name(right: Right | None) -> int:
    if right is None:
        return const.MACH_PORT_NULL
    return const.MACH_PORT_DEAD if right is DEAD else right.name


def _pad(data: bytes) -> bytes:
    return bytes(data) + bytes(-len(data) % 8)


def _address(view: memoryview) -> tuple[int, Any]:
    """Where bytes lie, and what keeps them there."""
    if not view.nbytes:
        return 0, None
    if view.readonly:
        # Of bytes itself, without a copy.
        data = view.obj if isinstance(view.obj, bytes) and \
            len(view.obj) == view.nbytes else bytes(view)
        keep: Any = ctypes.c_char_p(data)
        return ctypes.cast(keep, ctypes.c_void_p).value or 0, keep
    keep = ctypes.c_char.from_buffer(view)
    return ctypes.addressof(keep), keep


class Packet:
    """A message in the form that the kernel takes, on its way out."""

    def __init__(self, right: Right, message: Message):
        self._keep: list[Any] = []
        self._moved: list[Right] = []
        self._memory: list[tuple[Memory, int, int]] = []
        self._came_back = False
        bits = const.MACH_MSG_TYPE_COPY_SEND
        if isinstance(right, SendOnceRight):
            bits = const.MACH_MSG_TYPE_MOVE_SEND_ONCE
            self._moved.append(right)
        local = 0
        reply = _reply(message.reply)
        if reply is not None:
            local = _name(reply.rights[0])
            bits |= reply.disposition << 8
            self._moved.extend(reply.moved())
        try:
            body = b"".join(map(self._item, message.items))
        except BaseException:
            self._restore()
            raise
        if any(isinstance(item, Rights) or item.out_of_line
               for item in message.items):
            bits |= const.MACH_MSGH_BITS_COMPLEX
        self.size = const.MACH_MSG_HEADER_SIZE + len(body)
        self.buffer = ctypes.create_string_buffer(
            _HEADER.pack(bits, 0, right.name, local, 0,
                         message.id & 0xffffffff) + body,
            max(self.size, _FIRST_BUFFER))

    def _item(self, item: Data | Rights) -> bytes:
        if isinstance(item, Rights):
            return self._rights(item)
        view = item.view().cast("B")
        number, flags = len(view) * 8 // item.bits, 0
        if not item.out_of_line:
            return _descriptor(item.type, item.bits, number,
                               const.MACH_MSG_DESC_INLINE) + _pad(view)
        if item.move:
            view.release()
            address, size = item.data.detach()
            self._memory.append((item.data, address, size))
            flags = const.MACH_MSG_DESC_DEALLOCATE
        else:
            address, keep = _address(view)
            self._keep.append((keep, view))
        return _descriptor(item.type, item.bits, number, flags) + \
            _WORD.pack(address)

    def _rights(self, item: Rights) -> bytes:
        names = [_name(right) for right in item.rights]
        self._moved.extend(item.moved())
        if not item.out_of_line:
            return _descriptor(
                item.disposition, const.MACH_MSG_PORT_INLINE_BITS, len(names),
                const.MACH_MSG_DESC_INLINE) + \
                struct.pack(f"<{len(names)}Q", *names)
        array = (ctypes.c_uint32 * len(names))(*names)
        self._keep.append(array)
        return _descriptor(item.disposition, const.MACH_MSG_PORT_OOL_BITS,
                           len(names), 0) + _WORD.pack(ctypes.addressof(array))

    def _restore(self) -> None:
        for memory, address, size in self._memory:
            memory._own(address, size)

    def settle(self, code: int) -> None:
        """After the last attempt: see what has become of the rights."""
        code &= ~const.MACH_MSG_MASK
        if code in _UNTOUCHED and not self._came_back:
            self._restore()
            return
        for right in self._moved:
            if right:
                right.detach()
        if code in _RETURNED or code in _UNTOUCHED:
            self._destroy()

    def _destroy(self) -> None:
        """Drop what came back; its names now are in the buffer only.  The
        library takes it for a received message, whose local port is not a
        right of its own, as the reply port here is."""
        _, _, _, reply, _, _ = _HEADER.unpack_from(self.buffer)
        _lib.msg_destroy(ctypes.addressof(self.buffer))
        if reply not in (const.MACH_PORT_NULL, const.MACH_PORT_DEAD):
            _lib.port_deallocate(_lib.task_self(), reply)

    def send(self, timeout: float | None, option: int = 0,
             notify: int = 0) -> int:
        """One attempt.  When a result says that the message came back there
        may be another."""
        return self._send(_Call(self.buffer), const.MACH_SEND_MSG | option,
                          _deadline(timeout), 0, notify)

    def rpc(self, name: int, timeout: float | None) -> Message:
        """Send, and receive from the port name."""
        call, deadline = _Call(self.buffer), _deadline(timeout)
        code = self._send(call, const.MACH_SEND_MSG | _RECEIVE, deadline, name,
                          0)
        sent = not code or code & _OF_RECEIVE
        self.settle(const.MACH_MSG_SUCCESS if sent else code)
        if not sent:
            raise MachError.of(code)
        return _receive(call, name, deadline, 0, code)

    def _send(self, call: _Call, option: int, deadline: float | None,
              name: int, notify: int) -> int:
        # Between attempts Python runs signal handlers, which may raise.
        try:
            while True:
                code = call.run(option, deadline, self.size, name, notify)
                if code & ~const.MACH_MSG_MASK in _RETURNED:
                    self._came_back = True
                if code != const.MACH_SEND_INTERRUPTED:
                    return code
        except BaseException:
            if call.ioc.ret == const.MACH_SEND_INTERRUPTED:
                self.settle(const.MACH_SEND_INTERRUPTED)
            raise


def _descriptor(type: int, bits: int, number: int, flags: int) -> bytes:
    return _WORD.pack(type | bits << const.MACH_MSG_DESC_SIZE_SHIFT |
                      number << const.MACH_MSG_DESC_NUMBER_SHIFT | flags)


# ---- the call ----

def _deadline(timeout: float | None) -> float | None:
    return None if timeout is None else time.monotonic() + timeout


class _Call:
    """mach_msg() with a trailer.

    Not libmach's function, which starts again after a signal and would keep
    Python's handlers (KeyboardInterrupt) waiting.
    """

    def __init__(self, buffer: ctypes.Array):
        self.buffer = buffer
        self.trailer = _lib.Trailer()
        self.ioc = _lib.IocMsg(trailer_size=ctypes.sizeof(_lib.Trailer),
                               trailer=ctypes.addressof(self.trailer))

    def run(self, option: int, deadline: float | None, send_size: int = 0,
            name: int = 0, notify: int = 0, flags: int = 0) -> int:
        """The result of one call."""
        ioc = self.ioc
        ioc.ret, ioc.timeout = const.MACH_MSG_SUCCESS, 0
        if deadline is not None:
            option |= const.MACH_SEND_TIMEOUT | const.MACH_RCV_TIMEOUT
            left = math.ceil((deadline - time.monotonic()) * 1000)
            ioc.timeout = min(max(left, 0), 0x7fffffff)
        ioc.option, ioc.flags, ioc.notify = option, flags, notify
        ioc.msg, ioc.send_size = ctypes.addressof(self.buffer), send_size
        ioc.rcv_size, ioc.rcv_name = len(self.buffer), name
        return _lib.ioctl(_lib.MSG, ioc)


def send(right: Right, message: Message, timeout: float | None) -> None:
    """See SendRight.send()."""
    packet = Packet(right, message)
    code = packet.send(timeout)
    packet.settle(code)
    _lib.check(code)


def rpc(right: Right, message: Message, name: int,
        timeout: float | None) -> Message:
    """See SendRight.rpc()."""
    return answered(Packet(right, message).rpc(name, timeout))


def answered(message: Message) -> Message:
    """The answer, if it is one."""
    notification = message.notification
    if notification and notification.kind == const.MACH_NOTIFY_SEND_ONCE:
        raise MachError(const.MIG_SERVER_DIED)
    return message


def receive(name: int, timeout: float | None, ordinary: bool) -> Message:
    """See ReceiveRight.receive()."""
    return _receive(_Call(ctypes.create_string_buffer(_FIRST_BUFFER)), name,
                    _deadline(timeout), _ORDINARY if ordinary else 0,
                    const.MACH_RCV_INTERRUPTED)


def _receive(call: _Call, name: int, deadline: float | None, flags: int,
             code: int) -> Message:
    """code: the result so far."""
    while code in (const.MACH_RCV_INTERRUPTED, const.MACH_RCV_TOO_LARGE):
        if code == const.MACH_RCV_TOO_LARGE:
            size = _HEADER.unpack_from(call.buffer)[1]
            call.buffer = ctypes.create_string_buffer(size)
        code = call.run(_RECEIVE, deadline, name=name, flags=flags)
    if code & ~const.MACH_MSG_MASK == const.MACH_RCV_BODY_ERROR:
        _lib.msg_destroy(ctypes.addressof(call.buffer))
    _lib.check(code)
    return _decode(call.buffer, Sender.from_trailer(call.trailer))


# ---- a received message ----

def _decode(buffer: ctypes.Array, sender: Sender) -> Message:
    bits, size, remote, local, seqno, id = _HEADER.unpack_from(buffer)
    message = Message(id=id - (id >> 31 << 32))
    message.sender, message.port, message.seqno = sender, local, seqno
    message.reply = received(remote, bits & 0xff)
    message.body = memoryview(buffer).cast("B").toreadonly()[
        const.MACH_MSG_HEADER_SIZE:size]
    try:
        message.items = list(_items(
            message.body, bool(bits & const.MACH_MSGH_BITS_COMPLEX)))
    except _NotTyped:
        message.items = []
    message.notification = _notification(message)
    return message


class _NotTyped(Exception):
    """The kernel has judged a complex message, but not a simple one."""


def _items(body: memoryview, complex: bool) -> Iterable[Data | Rights]:
    offset = 0
    while offset < len(body):
        if offset + 8 > len(body):
            raise _NotTyped
        (word,) = _WORD.unpack_from(body, offset)
        offset += 8
        type = word & 0xff
        bits = word >> const.MACH_MSG_DESC_SIZE_SHIFT & 0xffff
        number = word >> const.MACH_MSG_DESC_NUMBER_SHIFT
        inline = bool(word & const.MACH_MSG_DESC_INLINE)
        is_right = const.MACH_MSG_TYPE_MOVE_RECEIVE <= type <= \
            const.MACH_MSG_TYPE_MAKE_SEND_ONCE
        length = (number * bits + 7) // 8
        here = length if inline else 8
        if offset + here > len(body) or \
                not complex and (is_right or not inline):
            raise _NotTyped
        data: Any = body[offset:offset + here]
        offset += here + -here % 8
        if not inline:
            (address,) = _WORD.unpack(data)
            data = Memory.adopt(address, length)
        yield _received_rights(data, type, inline) if is_right else \
            Data(data, type, bits, not inline)


def _received_rights(data: Any, type: int, inline: bool) -> Rights:
    if inline:
        names = data.cast("Q").tolist()
    else:
        names = data.view.cast("I").tolist()
        data.close()
    return Rights([received(name, type) for name in names], type, not inline)


def _notification(message: Message) -> Notification | None:
    """A message from anybody else with such an id is a forgery."""
    if not (message.sender and message.sender.kernel):
        return None
    kind, word = message.id, None
    if kind < const.MACH_NOTIFY_PORT_DELETED or \
            kind > const.MACH_NOTIFY_DEAD_NAME:
        return None
    if message.items and isinstance(message.items[0], Data):
        word = message.items[0].integers()[0]
    if kind == const.MACH_NOTIFY_NO_SENDERS:
        return Notification(kind, count=word)
    if kind == const.MACH_NOTIFY_DEAD_NAME and word:
        return Notification(kind, word, dead_name=DeadName(word))
    return Notification(kind, word)
