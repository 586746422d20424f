# SPDX-License-Identifier: MIT
"""Rights, messages, memory, notifications."""

import contextlib
import gc
import os
import re
import select
import selectors
import signal
import socket
import threading
import time
import unittest

import mach
from mach import const, transfer

from support import TestCase, forked, stats

PAGE = os.sysconf("SC_PAGE_SIZE")


class Constants(unittest.TestCase):
    def test_they_are_the_kernels(self):
        with open(os.environ.get("MACH_HEADER", "mach.h"),
                  encoding="ascii") as header:
            text = header.read()
        values = dict(re.findall(
            r"^#define\s+(\w+)\s+\(?(-?(?:0x)?[0-9a-f]+)[UL]*\)?\s", text, re.M))
        aliases = dict(re.findall(r"^#define\s+(\w+)\s+(MACH_\w+)\s*$", text,
                                  re.M))
        missing = []
        for name, value in vars(const).items():
            if not name.startswith(("MACH_", "KERN_")):
                continue
            word = values.get(aliases.get(name, name))
            if word is None:
                missing.append(name)
            else:
                self.assertEqual(int(word, 0), value, name)
        self.assertEqual(missing, [])


class Messages(TestCase):
    def test_in_line(self):
        with mach.ReceiveRight() as port, port.make_send() as right:
            right.send(b"hello", mach.Data.of_integers(1, 2 ** 32 - 1),
                       mach.Data.of_integers(2 ** 63, bits=64), b"", id=-7)
            with port.receive(1) as message:
                self.assertEqual(message.id, -7)
                self.assertEqual(bytes(message.items[0]), b"hello")
                self.assertEqual(message.items[1].integers(), [1, 2 ** 32 - 1])
                self.assertEqual(message.items[2].integers(), [2 ** 63])
                self.assertEqual(bytes(message.items[3]), b"")
                self.assertEqual(message.port, port.name)
                self.assertIsNone(message.reply)
                self.assertIsNone(message.notification)

    def test_large_in_line(self):
        data = os.urandom(20000)
        with mach.ReceiveRight() as port, port.make_send() as right:
            right.send(data)
            self.assertEqual(bytes(port.receive(1).items[0]), data)

    def test_rights(self):
        with mach.ReceiveRight() as port, port.make_send() as right, \
                mach.ReceiveRight() as other:
            sent = other.make_send()
            right.send(mach.copy(sent), mach.move(sent),
                       mach.make_send_once(other),
                       mach.Rights([None, mach.DEAD],
                                   const.MACH_MSG_TYPE_COPY_SEND))
            self.assertFalse(sent)
            with self.assertRaises(ValueError):
                sent.send()
            with port.receive(1) as message:
                one, two, once, none, dead = message.rights
                self.assertEqual(one.name, other.name)
                self.assertEqual(two.name, other.name)
                self.assertIsInstance(once, mach.SendOnceRight)
                self.assertIsNone(none)
                self.assertIs(dead, mach.DEAD)
                once.send(b"to other")
                self.assertFalse(once)
            self.assertEqual(bytes(other.receive(1).items[0]), b"to other")
            self.assertFalse(other.status().srights)

    def test_receive_right_moves(self):
        with mach.ReceiveRight() as port, port.make_send() as right:
            moving = mach.ReceiveRight()
            with moving.make_send() as client:
                client.send(b"before")
                right.send(mach.move(moving))
                self.assertFalse(moving)
                with port.receive(1).rights[0] as moved:
                    self.assertIsInstance(moved, mach.ReceiveRight)
                    self.assertEqual(bytes(moved.receive(1).items[0]),
                                     b"before")

    def test_array_of_rights_out_of_line(self):
        with mach.ReceiveRight() as port, port.make_send() as right, \
                mach.ReceiveRight() as other:
            right.send(mach.Rights([other] * 1000,
                                   const.MACH_MSG_TYPE_MAKE_SEND, True))
            with port.receive(1) as message:
                self.assertEqual([each.name for each in message.rights],
                                 [other.name] * 1000)
                self.assertTrue(other.status().srights)
            self.assertFalse(other.status().srights)

    def test_rights_go_with_their_objects(self):
        with mach.ReceiveRight() as port, port.make_send() as right, \
                mach.ReceiveRight() as other:
            right.send(mach.make_send(other))
            message = port.receive(1)
            self.assertTrue(other.status().srights)
            del message
            gc.collect()
            self.assertFalse(other.status().srights)

    def test_errors(self):
        with mach.ReceiveRight() as port, port.make_send() as right:
            with self.assertRaises(mach.MachTimeout) as caught:
                port.receive(0.01)
            self.assertEqual(caught.exception.code,
                             const.MACH_RCV_TIMED_OUT)
            self.assertEqual(caught.exception.name, "(ipc/rcv) timed out")
            self.assertIsInstance(caught.exception, TimeoutError)
            with self.assertRaises(mach.MachError) as caught:
                port.set_qlimit(1 << 30)
            self.assertEqual(caught.exception.code, const.KERN_INVALID_VALUE)
            with mach.ReceiveRight() as other:
                kept = other.make_send()
                wrong = mach.Rights([kept], const.MACH_MSG_TYPE_MAKE_SEND)
                other.close()
                with self.assertRaises(mach.MachError) as caught:
                    right.send(wrong)
                self.assertEqual(caught.exception.code,
                                 const.MACH_SEND_INVALID_RIGHT)
                kept.close()
            port.close()
            with self.assertRaises(mach.MachError) as caught:
                right.send(b"to nobody")
            self.assertEqual(caught.exception.code,
                             const.MACH_SEND_INVALID_DEST)

    def test_full_queue(self):
        with mach.ReceiveRight() as port, port.make_send() as right, \
                mach.ReceiveRight() as other:
            port.set_qlimit(1)
            right.send(b"first")
            moved = other.make_send()
            with self.assertRaises(mach.MachTimeout):
                right.send(mach.move(moved), mach.make_send_once(other),
                           reply=other, timeout=0.01)
            # Gone, and so are the rights that came back.
            self.assertFalse(moved)
            self.assertFalse(other.status().srights)
            self.assertEqual(bytes(port.receive(0).items[0]), b"first")
            # Two send-once rights were made, and went unused.
            for _ in range(2):
                self.assertEqual(other.receive(0).notification.kind,
                                 const.MACH_NOTIFY_SEND_ONCE)
            self.assertEqual(other.status().sorights, 0)

    def test_untyped_body(self):
        # A message that is not complex may have anything in it, and names or
        # addresses in it are just numbers.
        with mach.ReceiveRight() as port, port.make_send() as right:
            for type, bits, flags in ((17, 64, const.MACH_MSG_DESC_INLINE),
                                      (9, 8, 0)):
                fake = mach.Data(bytes(8), type, bits)
                packet = transfer.Packet(right, mach.Message([fake]))
                descriptor = transfer._descriptor(type, bits, 1, flags)
                packet.buffer[32:40] = descriptor
                packet.settle(packet.send(1))
                message = port.receive(1)
                self.assertEqual(message.items, [])
                self.assertEqual(len(message.body), 16)

    def test_rpc_of_a_thread(self):
        def serve():
            with port.receive() as request:
                request.reply.send(bytes(request.items[0]).upper(),
                                   id=request.id + 100)
            port.receive().close()

        with mach.ReceiveRight() as port, port.make_send() as right:
            thread = threading.Thread(target=serve)
            thread.start()
            answer = right.rpc(b"x" * 10000, id=5, timeout=60)
            self.assertEqual(answer.id, 105)
            self.assertEqual(bytes(answer.items[0]), b"X" * 10000)
            with self.assertRaises(mach.MachError) as caught:
                right.rpc(b"and no answer")
            self.assertEqual(caught.exception.code, const.MIG_SERVER_DIED)
            thread.join()

    def test_signal_handlers_run(self):
        class Alarm(Exception):
            pass

        def handler(number, frame):
            raise Alarm

        old = signal.signal(signal.SIGALRM, handler)
        self.addCleanup(signal.signal, signal.SIGALRM, old)
        with mach.ReceiveRight() as port, port.make_send() as right, \
                mach.ReceiveRight() as other:
            signal.setitimer(signal.ITIMER_REAL, 0.2)
            with self.assertRaises(Alarm):
                port.receive()
            port.set_qlimit(0)
            signal.setitimer(signal.ITIMER_REAL, 0.2)
            with self.assertRaises(Alarm):
                right.send(mach.make_send(other))
            self.assertFalse(other.status().srights)
            # One that returns: the wait goes on, and the time is the same.
            signal.signal(signal.SIGALRM, lambda *_: None)
            signal.setitimer(signal.ITIMER_REAL, 0.2, 0.2)
            begin = time.monotonic()
            with self.assertRaises(mach.MachTimeout):
                port.receive(1)
            self.assertGreaterEqual(time.monotonic() - begin, 1)
            with self.assertRaises(mach.MachTimeout):
                right.send(mach.make_send(other), timeout=1)
            self.assertFalse(other.status().srights)
            signal.setitimer(signal.ITIMER_REAL, 0)

    def test_fork(self):
        with mach.ReceiveRight() as port, port.make_send() as right:
            def child() -> None:
                # Void here, and closing touches nothing of the child's.
                mine = [mach.ReceiveRight() for _ in range(10)]
                self.assertFalse(port)
                self.assertFalse(right)
                port.close()
                right.close()
                for each in mine:
                    each.status()

            self.assertEqual(os.waitpid(forked(child), 0)[1], 0)
            right.send(b"still here")
            port.receive(1)


class Memory(TestCase):
    def test_16_mib_without_a_copy(self):
        size = 16 << 20
        with mach.ReceiveRight() as port, port.make_send() as right, \
                mach.Memory(size) as memory:
            for offset in range(0, size, PAGE):
                memory.view[offset] = offset // PAGE % 251
            before = stats()
            right.send(mach.Data(memory, out_of_line=True))
            with port.receive(1) as message:
                after = stats()
                got = message.items[0].data
                self.assertEqual(len(got), size)
                self.assertNotEqual(got.address, memory.address)
                self.assertEqual(after.pages_shared - before.pages_shared,
                                 size // PAGE)
                self.assertEqual(list(after.pages_copied),
                                 list(before.pages_copied))
                self.assertEqual(
                    bytes(got.view[::PAGE]),
                    bytes(i % 251 for i in range(size // PAGE)))
                got.view[0] = 255
                self.assertEqual(memory.view[0], 0)

    def test_move(self):
        with mach.ReceiveRight() as port, port.make_send() as right:
            memory = mach.Memory(4 * PAGE)
            memory.view[:5] = b"moved"
            view = memory.view[2:4]
            item = mach.Data(memory, out_of_line=True, move=True)
            with self.assertRaises(BufferError):
                right.send(item)
            self.assertEqual(bytes(view), b"ve")
            del view
            before = stats()
            address = memory.address
            right.send(item)
            self.assertEqual(stats().pages_moved - before.pages_moved, 1)
            self.assertFalse(mapped(address))
            with self.assertRaises(ValueError):
                memory.view
            self.assertEqual(bytes(port.receive(1).items[0].data.view[:5]),
                             b"moved")

    def test_move_that_fails_takes_nothing(self):
        with mach.ReceiveRight() as port, port.make_send() as right:
            port.close()
            memory = mach.Memory(PAGE)
            with self.assertRaises(mach.MachError):
                right.send(mach.Data(memory, out_of_line=True, move=True))
            memory.view[0] = 1
            address = memory.address
            memory.close()
            self.assertFalse(mapped(address))

    def test_freed_with_the_last_view(self):
        with mach.ReceiveRight() as port, port.make_send() as right:
            right.send(mach.Data(bytes(8 * PAGE), out_of_line=True))
            with port.receive(1) as message:
                memory = message.items[0].data
                address, view = memory.address, memory.view[100:200]
            del message, memory
            gc.collect()
            self.assertTrue(mapped(address))
            self.assertEqual(bytes(view), bytes(100))
            del view
            gc.collect()
            self.assertFalse(mapped(address))

    def test_of_anything(self):
        with mach.ReceiveRight() as port, port.make_send() as right:
            for data in (b"read only", bytearray(b"writable"),
                         memoryview(b"a slice")[2:], b""):
                right.send(mach.Data(data, out_of_line=True))
                with port.receive(1, ordinary=True) as message:
                    self.assertEqual(bytes(message.items[0]), bytes(data))


def mapped(address: int) -> bool:
    """Is there memory at the address?"""
    with open("/proc/self/maps", encoding="ascii") as maps:
        ends = [line.split()[0].split("-") for line in maps]
    return any(int(begin, 16) <= address < int(end, 16)
               for begin, end in ends)


class Notifications(TestCase):
    def test_port_death(self):
        with mach.ReceiveRight() as port, port.make_send() as right, \
                mach.ReceiveRight() as notify:
            right.notify_dead(notify)
            name = right.name
            port.close()
            with notify.receive(1) as message:
                note = message.notification
                self.assertEqual(note.kind, const.MACH_NOTIFY_DEAD_NAME)
                self.assertEqual(note.name, name)
                self.assertTrue(message.sender.kernel)

    def test_death_of_a_process(self):
        with mach.ReceiveRight() as port, mach.ReceiveRight() as notify:
            with port.make_send() as right:
                mach.set_bootstrap(right)
            self.addCleanup(mach.set_bootstrap, None)

            def live() -> None:
                with mach.bootstrap() as parent:
                    mine = mach.ReceiveRight()
                    parent.send(mach.make_send(mine))
                    mine.receive()

            child = forked(live)
            with port.receive(60) as message:
                right = message.rights[0]
                right.notify_dead(notify)
                with self.assertRaises(mach.MachTimeout):
                    notify.receive(0)
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
                with notify.receive(60) as dead:
                    self.assertEqual(dead.notification.name, right.name)
            mach.set_bootstrap(None)

    def test_no_senders(self):
        with mach.ReceiveRight() as port, mach.ReceiveRight() as notify:
            right = port.make_send()
            port.notify_no_senders(notify)
            self.assertEqual(notify.status().msgcount, 0)
            right.close()
            note = notify.receive(1).notification
            self.assertEqual(note.kind, const.MACH_NOTIFY_NO_SENDERS)
            self.assertEqual(note.count, 1)

    def test_port_destroyed(self):
        with mach.ReceiveRight() as notify:
            port = mach.ReceiveRight()
            port.notify_destroyed(notify)
            port.close()
            with notify.receive(1) as message:
                self.assertEqual(message.notification.kind,
                                 const.MACH_NOTIFY_PORT_DESTROYED)
                with message.rights[0] as back:
                    self.assertIsInstance(back, mach.ReceiveRight)

    def test_forgery(self):
        with mach.ReceiveRight() as port, port.make_send() as right:
            right.send(mach.Data.of_integers(1),
                       id=const.MACH_NOTIFY_DEAD_NAME)
            message = port.receive(1)
            self.assertIsNone(message.notification)
            self.assertFalse(message.sender.kernel)

    def test_identity(self):
        with mach.ReceiveRight() as port:
            with port.make_send() as right:
                mach.set_bootstrap(right)
            self.addCleanup(mach.set_bootstrap, None)
            reader, writer = os.pipe()

            def other() -> None:
                os.close(writer)
                os.setegid(12)
                os.seteuid(34)
                mach.bootstrap().send(b"")
                os.read(reader, 1)

            child = forked(other)
            os.close(reader)
            sender = port.receive(60).sender
            self.assertEqual((sender.pid, sender.uid, sender.gid),
                             (child, 34, 12))
            pidfd = sender.pidfd()
            os.close(writer)
            status = os.waitid(os.P_PIDFD, pidfd, os.WEXITED)
            self.assertEqual((status.si_pid, status.si_status), (child, 0))
            os.close(pidfd)
            with self.assertRaises(ProcessLookupError):
                sender.pidfd()
            mach.set_bootstrap(None)

    def test_identity_after_exec(self):
        with mach.ReceiveRight() as port:
            with port.make_send() as right:
                mach.set_bootstrap(right)
            self.addCleanup(mach.set_bootstrap, None)

            def other() -> None:
                mach.bootstrap().send(b"")
                os.execv("/bin/sleep", ["sleep", "1000"])

            child = forked(other)
            sender = port.receive(60).sender
            name = ""
            while name != "sleep\n":
                time.sleep(0.01)
                with open(f"/proc/{child}/comm", encoding="ascii") as comm:
                    name = comm.read()
            # The pid is the same, and the program is another.
            self.assertEqual(sender.pid, child)
            with self.assertRaises(ProcessLookupError):
                sender.pidfd()
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            mach.set_bootstrap(None)


class Sets(TestCase):
    def test_members(self):
        with mach.PortSet() as pset, contextlib.ExitStack() as stack:
            ports = [stack.enter_context(mach.ReceiveRight())
                     for _ in range(3)]
            for number, port in enumerate(ports):
                pset.add(port)
                with port.make_send() as right:
                    right.send(id=number)
            with self.assertRaises(mach.MachError) as caught:
                ports[0].receive(0)
            self.assertEqual(caught.exception.code, const.MACH_RCV_IN_SET)
            got = [pset.receive(1) for _ in ports]
            self.assertEqual(sorted((each.id, each.port) for each in got),
                             [(n, port.name) for n, port in enumerate(ports)])
            pset.remove(ports[0])
            with self.assertRaises(mach.MachError) as caught:
                pset.remove(ports[0])
            self.assertEqual(caught.exception.code, const.KERN_NOT_IN_SET)

    def test_epoll_is_fair(self):
        # All have messages all the time; all get their turn.
        count, rounds = 16, 5
        with select.epoll() as epoll, contextlib.ExitStack() as stack:
            ports = [stack.enter_context(mach.ReceiveRight())
                     for _ in range(count)]
            rights = [stack.enter_context(port.make_send()) for port in ports]
            by_fd = {port.fileno(): i for i, port in enumerate(ports)}
            for fd in by_fd:
                epoll.register(fd, select.EPOLLIN)
            self.assertEqual(epoll.poll(0), [])
            for right in rights:
                right.send()
            served = [0] * count
            for _ in range(count * rounds):
                # One event at a time, so that the turn is epoll's.
                ((fd, events),) = epoll.poll(60, 1)
                self.assertEqual(events, select.EPOLLIN)
                index = by_fd[fd]
                served[index] += 1
                ports[index].receive(0)
                rights[index].send()
            self.assertEqual(served, [rounds] * count)

    def test_selectors(self):
        with selectors.DefaultSelector() as selector, \
                mach.ReceiveRight() as port, port.make_send() as right, \
                mach.PortSet() as pset:
            pset.add(port)
            selector.register(pset, selectors.EVENT_READ, "the set")
            self.assertEqual(selector.select(0), [])
            right.send()
            ((key, _),) = selector.select(60)
            self.assertEqual(key.data, "the set")
            key.fileobj.receive(0)
            self.assertEqual(selector.select(0), [])
            selector.unregister(pset)


class Descriptors(TestCase):
    def test_file_travels(self):
        with mach.ReceiveRight() as port, port.make_send() as right:
            reader, writer = os.pipe()
            with mach.fileport(writer) as carried:
                right.send(mach.copy(carried))
            os.close(writer)
            with port.receive(1) as message:
                again = mach.open_fileport(message.rights[0])
            os.write(again, b"through a port")
            self.assertFalse(os.get_inheritable(again))
            os.close(again)
            # The last writer is gone: end of file.
            self.assertEqual(os.read(reader, 100), b"through a port")
            self.assertEqual(os.read(reader, 100), b"")
            os.close(reader)

    def test_errors(self):
        with self.assertRaises(OSError):
            mach.fileport(12345)
        with mach.ReceiveRight() as port, port.make_send() as right:
            with self.assertRaises(OSError):
                mach.open_fileport(right)

    def test_right_over_a_socket(self):
        ours, theirs = socket.socketpair()
        with ours, theirs, mach.ReceiveRight() as port:
            def sender() -> None:
                _, fds, _, _ = socket.recv_fds(theirs, 1, 1)
                mach.right_from_fd(fds[0]).send(b"from the child")

            child = forked(sender)
            fd = mach.right_to_fd(port.make_send(), move=True)
            socket.send_fds(ours, [b"x"], [fd])
            os.close(fd)
            self.assertEqual(bytes(port.receive(60).items[0]),
                             b"from the child")
            os.waitpid(child, 0)


if __name__ == "__main__":
    unittest.main()
