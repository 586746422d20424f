# SPDX-License-Identifier: MIT
"""The same for asyncio: nothing here blocks the event loop, and there are no
threads.

    async with mach.aio.Receiver(port) as messages:
        async for message in messages:
            ...
"""

from __future__ import annotations

import asyncio
import os
from collections import deque
from types import TracebackType
from typing import Any

from . import const
from .error import MachError, MachTimeout
from .message import Message
from .right import PortSet, ReceiveRight, SendOnceRight, SendRight
from .transfer import Packet, answered


class Receiver:
    """Waits for the messages of a port or port set in the running loop.

    Any number of tasks may wait.  The right stays the caller's; close() ends
    the waiting.
    """

    def __init__(self, port: ReceiveRight | PortSet):
        self._port = port
        self._loop = asyncio.get_running_loop()
        self._waiters: deque[asyncio.Future[None]] = deque()
        # One of its own, which outlives the right and then hangs up.
        self._fd = port.poll_fd()

    async def receive(self, *, ordinary: bool = False) -> Message:
        """The next message; no message is lost when this is cancelled."""
        while True:
            if self._fd < 0:
                raise ValueError("the receiver was closed")
            try:
                return self._port.receive(0, ordinary=ordinary)
            except MachTimeout:
                await self._wait()

    async def _wait(self) -> None:
        waiter = self._loop.create_future()
        if not self._waiters:
            self._loop.add_reader(self._fd, self._wake)
        self._waiters.append(waiter)
        try:
            await waiter
        finally:
            if waiter in self._waiters:
                self._waiters.remove(waiter)
            if not self._waiters and self._fd >= 0:
                self._loop.remove_reader(self._fd)

    def _wake(self) -> None:
        """Wake one, who tries; as long as there are messages this is called
        again and again."""
        if self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(None)
        if not self._waiters:
            self._loop.remove_reader(self._fd)

    def __aiter__(self) -> Receiver:
        return self

    async def __anext__(self) -> Message:
        """Ends when the receiver or the right is closed."""
        try:
            return await self.receive()
        except ValueError:
            raise StopAsyncIteration from None

    def close(self) -> None:
        """Wake who waits, and wait no more."""
        fd, self._fd = self._fd, -1
        if fd < 0:
            return
        self._loop.remove_reader(fd)
        os.close(fd)
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_result(None)

    async def __aenter__(self) -> Receiver:
        return self

    async def __aexit__(self, kind: type[BaseException] | None,
                        error: BaseException | None,
                        trace: TracebackType | None) -> None:
        self.close()

    def __del__(self) -> None:
        if getattr(self, "_fd", -1) >= 0 and not self._loop.is_closed():
            self.close()


async def send(right: SendRight | SendOnceRight, *items: Any, id: int = 0,
               reply: Any = None) -> None:
    """Send a message; returns when there was room for it.

    A message that finds the queue full is forced in, once for each name, and
    this returns when the receiver takes it, or the port dies.  If this is
    cancelled before, the message may have been sent.
    """
    packet = Packet(right, Message(items, id=id, reply=reply))
    code = packet.send(0)
    if code == const.MACH_SEND_TIMED_OUT:
        with ReceiveRight() as notify:
            await _force(packet, notify)
        return
    packet.settle(code)
    if code:
        raise MachError.of(code)


async def _force(packet: Packet, notify: ReceiveRight) -> None:
    code, pause = const.MACH_SEND_NOTIFY_IN_PROGRESS, 0.001
    while code == const.MACH_SEND_NOTIFY_IN_PROGRESS:
        code = packet.send(0, const.MACH_SEND_NOTIFY, notify.name)
        if code == const.MACH_SEND_NOTIFY_IN_PROGRESS:
            # Another task's is before us: nothing tells when it goes.
            try:
                await asyncio.sleep(pause)
            except BaseException:
                packet.settle(code)
                raise
            pause = min(pause * 2, 0.1)
    packet.settle(code)
    if code == const.MACH_SEND_WILL_NOTIFY:
        async with Receiver(notify) as accepted:
            (await accepted.receive()).close()
    elif code:
        raise MachError.of(code)


async def rpc(right: SendRight | SendOnceRight, *items: Any,
              id: int = 0) -> Message:
    """Send a message and wait for the answer.

    MIG_SERVER_DIED: nobody will answer.
    """
    with ReceiveRight() as port:
        async with Receiver(port) as answers:
            await send(right, *items, id=id, reply=port)
            return answered(await answers.receive())
