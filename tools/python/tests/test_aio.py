# SPDX-License-Identifier: MIT
"""asyncio: a server with 32 clients, full queues, cancellation, death."""

import asyncio
import os
import unittest

import mach
from mach import aio, const

from support import TestCase, forked

CLIENTS = 32
CALLS = 4


def client(number: int) -> None:
    """A process: calls the server by way of the bootstrap port."""
    with mach.bootstrap() as server:
        for call in range(CALLS):
            answer = server.rpc(f"{number}/{call}".encode(), id=number,
                                timeout=300)
            assert bytes(answer.items[0]) == f"{number}/{call}!".encode()


class Asyncio(TestCase):
    def run_async(self, coroutine) -> None:
        asyncio.run(asyncio.wait_for(coroutine, 400))

    def test_server_with_32_processes(self):
        port = mach.ReceiveRight()
        with port.make_send() as right:
            mach.set_bootstrap(right)
        children = [forked(client, number) for number in range(CLIENTS)]
        mach.set_bootstrap(None)
        pids = set()

        async def answer(request: mach.Message) -> None:
            # Some wait for others, so answers are not in order.
            await asyncio.sleep(request.id % 3 / 100)
            with request:
                await aio.send(request.reply,
                               bytes(request.items[0]) + b"!")

        async def serve() -> None:
            async with aio.Receiver(port) as requests, \
                    asyncio.TaskGroup() as group:
                for _ in range(CLIENTS * CALLS):
                    request = await requests.receive()
                    pids.add(request.sender.pid)
                    group.create_task(answer(request))

        self.run_async(serve())
        for child in children:
            self.assertEqual(os.waitpid(child, 0)[1], 0)
        self.assertEqual(pids, set(children))
        port.close()

    def test_many_tasks_one_port(self):
        async def main() -> None:
            with mach.ReceiveRight() as port, port.make_send() as right:
                async with aio.Receiver(port) as messages:
                    tasks = [asyncio.create_task(messages.receive())
                             for _ in range(20)]
                    await asyncio.sleep(0)
                    tasks[3].cancel()
                    for number in range(19):
                        await aio.send(right, id=number)
                    got = await asyncio.gather(*tasks, return_exceptions=True)
                    self.assertIsInstance(got.pop(3), asyncio.CancelledError)
                    self.assertEqual(sorted(each.id for each in got),
                                     list(range(19)))

        self.run_async(main())

    def test_full_queue_holds_senders_back(self):
        done = []

        async def sender(right: mach.SendRight, number: int) -> None:
            await aio.send(right, id=number)
            done.append(number)

        async def main() -> None:
            with mach.ReceiveRight() as port, port.make_send() as right:
                port.set_qlimit(2)
                tasks = [asyncio.create_task(sender(right, number))
                         for number in range(6)]
                await asyncio.sleep(0.2)
                # Two had room and one is forced in; four wait.
                self.assertEqual(done, [0, 1])
                self.assertEqual(port.status().msgcount, 3)
                async with aio.Receiver(port) as messages:
                    got = [(await messages.receive()).id for _ in range(6)]
                await asyncio.gather(*tasks)
                self.assertEqual(sorted(got), list(range(6)))
                # With a right in it, and given up in time.
                port.set_qlimit(0)
                with mach.ReceiveRight() as other:
                    forced = asyncio.create_task(aio.send(right, b""))
                    late = asyncio.create_task(
                        aio.send(right, mach.make_send(other)))
                    await asyncio.sleep(0.1)
                    late.cancel()
                    await asyncio.gather(late, return_exceptions=True)
                    self.assertFalse(other.status().srights)
                    # The port dies: the forced message is nobody's.
                    port.close()
                    await forced

        self.run_async(main())

    def test_iteration_ends(self):
        async def main() -> None:
            port = mach.ReceiveRight()
            right = port.make_send()
            got = []

            async def listen() -> None:
                async with aio.Receiver(port) as messages:
                    async for message in messages:
                        got.append(message.id)

            task = asyncio.create_task(listen())
            for number in range(3):
                await aio.send(right, id=number)
            while len(got) < 3:
                await asyncio.sleep(0.01)
            port.close()
            await task
            self.assertEqual(got, [0, 1, 2])
            right.close()

        self.run_async(main())

    def test_rpc_and_no_answer(self):
        async def main() -> None:
            with mach.ReceiveRight() as port, port.make_send() as right:
                async with aio.Receiver(port) as requests:
                    call = asyncio.create_task(aio.rpc(right, b"?", id=1))
                    with await requests.receive() as request:
                        await aio.send(request.reply, b"!", id=101)
                    self.assertEqual((await call).id, 101)
                    call = asyncio.create_task(aio.rpc(right, b"?"))
                    (await requests.receive()).close()
                    with self.assertRaises(mach.MachError) as caught:
                        await call
                    self.assertEqual(caught.exception.code,
                                     const.MIG_SERVER_DIED)

        self.run_async(main())


if __name__ == "__main__":
    unittest.main()
