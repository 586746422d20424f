// SPDX-License-Identifier: GPL-2.0
/*
 * The trailer: who sent a message, as it was when he sent it, in the numbers
 * of who receives it; never a byte that the kernel did not mean (negative
 * tests N11, N39).
 */
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "lib/caller.h"
#include "lib/fixture.h"

#define NOBODY		65534U
#define ALICE		1234U
#define BOB		4321U
/* Behind the trailer, to see what was written. */
#define TAIL		64

union room {
	struct mach_trailer trailer;
	__u8 bytes[sizeof(struct mach_trailer) + TAIL];
};

static bool untouched(const void *bytes, size_t size)
{
	const __u8 *at = bytes;

	while (size--)
		if (*at++ != MT_POISON)
			return false;
	return true;
}

/* One receive of at most @room bytes; the trailer is poisoned before. */
static __s32 receive_told(const struct mt_task *task, __u32 port,
			  __u32 option, __u32 room, __u32 size,
			  union room *out)
{
	static struct mt_message message;

	memset(out, MT_POISON, sizeof(*out));
	return mt_call(task, &message, (struct mach_ioc_msg) {
		.option = MACH_RCV_MSG | MACH_RCV_TIMEOUT | option,
		.rcv_name = port,
		.rcv_size = room,
		.timeout = MT_LONG,
		.trailer = (uintptr_t)out,
		.trailer_size = size,
	});
}

static struct mach_trailer told(const struct mt_task *task, __u32 port)
{
	union room room;

	mt_must(receive_told(task, port, 0, MT_ROOM, sizeof(room.trailer),
			     &room));
	mt_check(untouched(room.bytes + sizeof(room.trailer), TAIL));
	mt_check(room.trailer.size == sizeof(room.trailer));
	mt_check(room.trailer.pad == 0);
	return room.trailer;
}

static __u64 task_id(const struct mt_task *task)
{
	struct mach_ioc_identity call = { .size = sizeof(call),
					  .task = task->self };

	mt_must(mt_ioctl(task, MACH_IOC_TASK_IDENTITY, &call));
	mt_must(call.ret);
	return call.task_id;
}

#define EXPECT_SENDER(told, task_, pid_, uid_, gid_)			\
	do {								\
		EXPECT_EQ(0U, (told).flags);				\
		EXPECT_EQ((task_), (told).task_id);			\
		EXPECT_EQ((pid_), (told).pid);				\
		EXPECT_EQ((__u32)(uid_), (told).uid);			\
		EXPECT_EQ((__u32)(gid_), (told).gid);			\
	} while (0)

TEST_F(mach, own_message)
{
	__u32 port = mt_port(&self->task);
	struct mach_trailer trailer;

	mt_must(mt_send_id(&self->task, port, MACH_MSG_TYPE_COPY_SEND, 1));
	trailer = told(&self->task, port);
	EXPECT_SENDER(trailer, task_id(&self->task), getpid(), 0, 0);
}

/* All in one mach_msg, where the send comes first. */
TEST_F(mach, send_and_receive)
{
	__u32 port = mt_port(&self->task);
	struct mt_message message;
	union room room;

	memset(&room, MT_POISON, sizeof(room));
	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_must(mt_call(&self->task, &message, (struct mach_ioc_msg) {
		.option = MACH_SEND_MSG | MACH_RCV_MSG,
		.rcv_name = port,
		.trailer = (uintptr_t)&room,
		.trailer_size = sizeof(room.trailer),
	}));
	EXPECT_SENDER(room.trailer, task_id(&self->task), getpid(), 0, 0);
}

static void send_as_alice(struct mt_side *side, void *arg)
{
	(void)arg;
	mt_must(setgroups(0, NULL));
	mt_must(setresgid(BOB, ALICE, BOB));
	mt_must(setresuid(BOB, ALICE, BOB));
	mt_must(mt_send_id(&side->task, side->up, MACH_MSG_TYPE_COPY_SEND, 1));
	mt_tell(side->to, task_id(&side->task));
	mt_await(side->from);
}

/* Effective ids of another process. */
TEST_F(mach, effective_ids)
{
	struct mach_trailer trailer;
	struct mt_peer peer;
	__u64 id;

	mt_spawn(&peer, &self->task, send_as_alice, NULL);
	id = mt_await(peer.from);
	trailer = told(&self->task, peer.port);
	EXPECT_NE(task_id(&self->task), trailer.task_id);
	EXPECT_SENDER(trailer, id, peer.pid, ALICE, ALICE);
	mt_tell(peer.to, 0);
	EXPECT_EQ(0, mt_join(&peer));
}

static void send_then_change(struct mt_side *side, void *arg)
{
	(void)arg;
	mt_must(mt_send_id(&side->task, side->up, MACH_MSG_TYPE_COPY_SEND, 1));
	mt_must(setgroups(0, NULL));
	mt_must(setresgid(ALICE, ALICE, ALICE));
	mt_must(setresuid(ALICE, ALICE, ALICE));
	mt_must(mt_send_id(&side->task, side->up, MACH_MSG_TYPE_COPY_SEND, 2));
	mt_tell(side->to, task_id(&side->task));
	mt_await(side->from);
}

TEST_F(mach, N39_setuid_after_send)
{
	struct mach_trailer first, second;
	struct mt_peer peer;
	__u64 id;

	mt_spawn(&peer, &self->task, send_then_change, NULL);
	id = mt_await(peer.from);
	first = told(&self->task, peer.port);
	second = told(&self->task, peer.port);
	EXPECT_SENDER(first, id, peer.pid, 0, 0);
	EXPECT_SENDER(second, id, peer.pid, ALICE, ALICE);
	mt_tell(peer.to, 0);
	EXPECT_EQ(0, mt_join(&peer));
}

static void send_and_exit(struct mt_side *side, void *arg)
{
	(void)arg;
	mt_must(mt_send_id(&side->task, side->up, MACH_MSG_TYPE_COPY_SEND, 1));
	mt_tell(side->to, task_id(&side->task));
}

/* What he was is still known. */
TEST_F(mach, sender_is_dead)
{
	struct mach_trailer trailer;
	struct mt_peer peer;
	__u64 id;

	mt_spawn(&peer, &self->task, send_and_exit, NULL);
	id = mt_await(peer.from);
	EXPECT_EQ(0, mt_join(&peer));
	trailer = told(&self->task, peer.port);
	EXPECT_SENDER(trailer, id, peer.pid, 0, 0);
}

/* A sender that waits for room sent when it called. */
static void send_blocked(struct mt_side *side, void *arg)
{
	struct mt_message message;

	(void)arg;
	/* Until the first message, which mt_spawn() receives, has made room. */
	mt_await(side->from);
	for (__u32 id = 0; id < MACH_PORT_QLIMIT_DEFAULT; id++)
		mt_must(mt_send_id(&side->task, side->up,
				   MACH_MSG_TYPE_COPY_SEND, id));
	mt_tell(side->to, task_id(&side->task));
	mt_begin(&message, side->up, MACH_MSG_TYPE_COPY_SEND);
	mt_must(mt_send_wait(&side->task, &message, MT_FOREVER));
}

TEST_F(mach, blocked_sender)
{
	struct mach_trailer trailer = { .size = 0 };
	struct mt_peer peer;
	__u64 id;

	mt_spawn(&peer, &self->task, send_blocked, NULL);
	mt_tell(peer.to, 0);
	id = mt_await(peer.from);
	mt_until_asleep(peer.pid);
	for (int i = 0; i < MACH_PORT_QLIMIT_DEFAULT + 1; i++) {
		trailer = told(&self->task, peer.port);
		EXPECT_SENDER(trailer, id, peer.pid, 0, 0);
	}
	EXPECT_EQ(0, mt_join(&peer));
}

/* Handed over directly to a receiver that waits. */
TEST_F(mach, waiting_receiver)
{
	struct mt_caller receiver = { .done = false };
	__u32 port = mt_port(&self->task);
	union room room;

	memset(&room, MT_POISON, sizeof(room));
	receiver.call = (struct mach_ioc_msg) {
		.option = MACH_RCV_MSG,
		.rcv_name = port,
		.trailer = (uintptr_t)&room,
		.trailer_size = sizeof(room.trailer),
	};
	mt_start_call(&receiver, &self->task);
	EXPECT_TRUE(untouched(&room, sizeof(room)));
	mt_must(mt_send_id(&self->task, port, MACH_MSG_TYPE_COPY_SEND, 1));
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_finish_call(&receiver));
	EXPECT_SENDER(room.trailer, task_id(&self->task), getpid(), 0, 0);
}

/* ---- threads with credentials of their own ---- */

static void *send_as_thread(void *arg)
{
	struct mt_side *side = arg;

	/* glibc's would change all threads. */
	mt_must(syscall(SYS_setresgid, ALICE, ALICE, ALICE));
	mt_must(syscall(SYS_setresuid, ALICE, ALICE, ALICE));
	mt_must(mt_send_id(&side->task, side->up, MACH_MSG_TYPE_COPY_SEND, 1));
	return NULL;
}

static void send_from_threads(struct mt_side *side, void *arg)
{
	pthread_t thread;

	(void)arg;
	mt_check(!pthread_create(&thread, NULL, send_as_thread, side));
	mt_check(!pthread_join(thread, NULL));
	mt_must(mt_send_id(&side->task, side->up, MACH_MSG_TYPE_COPY_SEND, 2));
	mt_tell(side->to, task_id(&side->task));
	mt_await(side->from);
}

TEST_F(mach, thread_credentials)
{
	struct mach_trailer trailer;
	struct mt_peer peer;
	__u64 id;

	mt_spawn(&peer, &self->task, send_from_threads, NULL);
	id = mt_await(peer.from);
	trailer = told(&self->task, peer.port);
	EXPECT_SENDER(trailer, id, peer.pid, ALICE, ALICE);
	trailer = told(&self->task, peer.port);
	EXPECT_SENDER(trailer, id, peer.pid, 0, 0);
	mt_tell(peer.to, 0);
	EXPECT_EQ(0, mt_join(&peer));
}

/* A child that shares the memory: the same task, but another process. */
struct sharer {
	const struct mt_task *task;
	__u32 port;
};

static int send_from_sharer(void *arg)
{
	const struct sharer *sharer = arg;

	return mt_send_id(sharer->task, sharer->port, MACH_MSG_TYPE_COPY_SEND,
			  7);
}

TEST_F(mach, process_that_shares_memory)
{
	struct sharer sharer = { &self->task, mt_port(&self->task) };
	static __u8 stack[64 * 1024] __attribute__((aligned(16)));
	struct mach_trailer trailer;
	pid_t pid;

	pid = clone(send_from_sharer, stack + sizeof(stack),
		    CLONE_VM | SIGCHLD, &sharer);
	ASSERT_LT(0, pid);
	EXPECT_EQ(0, mt_wait_pid(pid));
	trailer = told(&self->task, sharer.port);
	EXPECT_SENDER(trailer, task_id(&self->task), pid, 0, 0);
	/* And back. */
	mt_must(mt_send_id(&self->task, sharer.port, MACH_MSG_TYPE_COPY_SEND,
			   1));
	trailer = told(&self->task, sharer.port);
	EXPECT_SENDER(trailer, task_id(&self->task), getpid(), 0, 0);
}

/* ---- namespaces ---- */

static void write_map(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	mt_check(fd >= 0);
	mt_check(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

/*
 * Where root is 0, BOB is 100 and nobody else is anything: messages of the
 * parent as ALICE, as BOB and as root.
 */
static void receive_in_user_namespace(struct mt_side *side, void *arg)
{
	struct mach_trailer trailer;

	(void)arg;
	mt_must(unshare(CLONE_NEWUSER));
	mt_tell(side->to, 0);
	/* The maps are the parent's to write: it may map more than itself. */
	mt_await(side->from);
	trailer = told(&side->task, side->port);
	mt_check(trailer.uid == NOBODY && trailer.gid == NOBODY);
	mt_check(trailer.pid == getppid());
	trailer = told(&side->task, side->port);
	mt_check(trailer.uid == 100 && trailer.gid == 100);
	trailer = told(&side->task, side->port);
	mt_check(trailer.uid == 0 && trailer.gid == 0);
}

static void send_as(const struct mt_task *task, __u32 port, uid_t id)
{
	mt_must(setegid(id));
	mt_must(seteuid(id));
	mt_must(mt_send_id(task, port, MACH_MSG_TYPE_COPY_SEND, id));
	mt_must(seteuid(0));
	mt_must(setegid(0));
}

TEST_F(mach, N39_user_namespace)
{
	struct mt_peer peer;
	char path[64];

	mt_spawn(&peer, &self->task, receive_in_user_namespace, NULL);
	mt_await(peer.from);
	snprintf(path, sizeof(path), "/proc/%d/uid_map", peer.pid);
	write_map(path, "0 0 1\n100 4321 1\n");
	snprintf(path, sizeof(path), "/proc/%d/gid_map", peer.pid);
	write_map(path, "0 0 1\n100 4321 1\n");
	send_as(&self->task, peer.right, ALICE);
	send_as(&self->task, peer.right, BOB);
	send_as(&self->task, peer.right, 0);
	mt_tell(peer.to, 0);
	EXPECT_EQ(0, mt_join(&peer));
}

/* Process 1 of a namespace: what comes from outside has no pid here. */
static void receive_in_pid_namespace(void)
{
	struct mach_trailer trailer;
	struct mt_message message;
	struct mt_task task;
	__u32 port, up;

	mt_check(getpid() == 1);
	mt_open(&task);
	port = mt_port(&task);
	mt_must(mt_name_call(&task, MACH_IOC_GET_BOOTSTRAP, &up));
	mt_begin(&message, up, MACH_MSG_TYPE_COPY_SEND);
	mt_put_right(&message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_must(mt_send(&task, &message));
	trailer = told(&task, port);
	mt_check(trailer.pid == 0 && trailer.task_id && !trailer.flags);
	mt_check(trailer.uid == 0 && trailer.gid == 0);
	mt_must(mt_send_id(&task, port, MACH_MSG_TYPE_COPY_SEND, 2));
	trailer = told(&task, port);
	mt_check(trailer.pid == 1 && trailer.task_id == task_id(&task));
	_exit(0);
}

TEST_F(mach, N39_pid_namespace)
{
	__u32 port = mt_port(&self->task), offered = port;
	struct mt_message message;
	union room room;
	pid_t pid;

	mt_must(mt_name_call(&self->task, MACH_IOC_SET_BOOTSTRAP, &offered));
	/* Of our children; we stay where we are. */
	mt_must(unshare(CLONE_NEWPID));
	pid = fork();
	if (pid == 0)
		receive_in_pid_namespace();
	memset(&room, MT_POISON, sizeof(room));
	mt_must(mt_call(&self->task, &message, (struct mach_ioc_msg) {
		.option = MACH_RCV_MSG | MACH_RCV_TIMEOUT,
		.rcv_name = port,
		.timeout = MT_LONG,
		.trailer = (uintptr_t)&room,
		.trailer_size = sizeof(room.trailer),
	}));
	EXPECT_EQ(pid, room.trailer.pid);
	mt_must(mt_send_id(&self->task, mt_right(&message, 0),
			   MACH_MSG_TYPE_COPY_SEND, 1));
	EXPECT_EQ(0, mt_wait_pid(pid));
}

/* ---- what the module sends ---- */

static void expect_kernel(struct __test_metadata *_metadata,
			  const struct mach_trailer *trailer)
{
	EXPECT_EQ((__u32)MACH_TRAILER_KERNEL, trailer->flags);
	EXPECT_EQ(0ULL, trailer->task_id);
	EXPECT_EQ(0, trailer->pid);
	EXPECT_EQ(~0U, trailer->uid);
	EXPECT_EQ(~0U, trailer->gid);
}

TEST_F(mach, notifications)
{
	__u32 notify = mt_receive_right(&self->task);
	__u32 port = mt_port(&self->task), once;
	struct mach_trailer trailer;

	mt_arm(&self->task, port, MACH_NOTIFY_DEAD_NAME, notify);
	mt_arm(&self->task, port, MACH_NOTIFY_NO_SENDERS, notify);
	mt_must(mt_mod_refs(&self->task, port, MACH_PORT_RIGHT_SEND, -1));
	trailer = told(&self->task, notify);
	expect_kernel(_metadata, &trailer);
	mt_must(mt_destroy(&self->task, port));
	once = mt_make_send_once(&self->task, notify);
	mt_must(mt_deallocate(&self->task, once));
	trailer = told(&self->task, notify);
	expect_kernel(_metadata, &trailer);
}

/* The id alone proves nothing. */
TEST_F(mach, forged_notification)
{
	__u32 port = mt_port(&self->task);
	struct mach_trailer trailer;

	mt_must(mt_send_id(&self->task, port, MACH_MSG_TYPE_COPY_SEND,
			   MACH_NOTIFY_DEAD_NAME));
	trailer = told(&self->task, port);
	EXPECT_SENDER(trailer, task_id(&self->task), getpid(), 0, 0);
}

/* A task port answers. */
TEST_F(mach, answer_of_the_module)
{
	__u32 port = mt_receive_right(&self->task);
	struct mach_trailer trailer;
	struct mt_message message;

	mt_begin(&message, self->task.self, MACH_MSG_TYPE_COPY_SEND);
	mt_reply_to(&message, port, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	mt_must(mt_send(&self->task, &message));
	trailer = told(&self->task, port);
	expect_kernel(_metadata, &trailer);
}

/* ---- which results have one ---- */

TEST_F(mach, body_error)
{
	__u32 port = mt_port(&self->task);
	struct mt_message message;
	union room room;

	/* No name for the right: the body has an error, the message is here. */
	mt_become_fresh_user();
	mt_open(&self->task);
	port = mt_port(&self->task);
	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_put_right(&message, mt_receive_right(&self->task),
		     MACH_MSG_TYPE_MAKE_SEND_ONCE);
	mt_must(mt_send(&self->task, &message));
	mt_set_param("max_user_names", 1);
	EXPECT_EQ(MACH_RCV_BODY_ERROR | MACH_MSG_IPC_KERNEL,
		  receive_told(&self->task, port, 0, MT_ROOM,
			       sizeof(room.trailer), &room));
	EXPECT_SENDER(room.trailer, task_id(&self->task), getpid(),
		      geteuid(), getegid());
}

TEST_F(mach, lost_messages)
{
	__u32 port = mt_port(&self->task);
	struct mt_message message;
	union room room;

	/* Too large, and not kept. */
	mt_must(mt_send_id(&self->task, port, MACH_MSG_TYPE_COPY_SEND, 1));
	EXPECT_EQ(MACH_RCV_TOO_LARGE,
		  receive_told(&self->task, port, 0, 31, sizeof(room.trailer),
			       &room));
	EXPECT_SENDER(room.trailer, task_id(&self->task), getpid(), 0, 0);

	/* Too large, but kept: nothing was taken. */
	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_put_data(&message, &message, 8);
	mt_must(mt_send(&self->task, &message));
	EXPECT_EQ(MACH_RCV_TOO_LARGE,
		  receive_told(&self->task, port, MACH_RCV_LARGE, 32,
			       sizeof(room.trailer), &room));
	EXPECT_TRUE(untouched(&room, sizeof(room)));
	/* Notify is no receive right: class X. */
	EXPECT_EQ(MACH_RCV_INVALID_NOTIFY,
		  receive_told(&self->task, port, MACH_RCV_NOTIFY, MT_ROOM,
			       sizeof(room.trailer), &room));
	EXPECT_SENDER(room.trailer, task_id(&self->task), getpid(), 0, 0);
}

TEST_F(mach, nothing_taken_nothing_written)
{
	__u32 port = mt_port(&self->task);
	struct mt_message message;
	union room room;

	memset(&room, MT_POISON, sizeof(room));
	EXPECT_EQ(MACH_RCV_TIMED_OUT,
		  mt_call(&self->task, &message, (struct mach_ioc_msg) {
			.option = MACH_RCV_MSG | MACH_RCV_TIMEOUT,
			.rcv_name = port,
			.trailer = (uintptr_t)&room,
			.trailer_size = sizeof(room.trailer),
		  }));
	EXPECT_TRUE(untouched(&room, sizeof(room)));
	EXPECT_EQ(MACH_RCV_INVALID_NAME,
		  receive_told(&self->task, MT_UNUSED, 0, MT_ROOM,
			       sizeof(room.trailer), &room));
	EXPECT_TRUE(untouched(&room, sizeof(room)));
	/* A send alone has no trailer. */
	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	EXPECT_EQ(MACH_MSG_SUCCESS,
		  mt_call(&self->task, &message, (struct mach_ioc_msg) {
			.option = MACH_SEND_MSG,
			.trailer = (uintptr_t)&room,
			.trailer_size = sizeof(room.trailer),
		  }));
	EXPECT_TRUE(untouched(&room, sizeof(room)));
}

/* The rights are here all the same. */
TEST_F(mach, trailer_cannot_be_written)
{
	__u32 port = mt_port(&self->task);
	__u32 right = mt_receive_right(&self->task), names;
	struct mach_ioc_msg call = {
		.option = MACH_RCV_MSG,
		.rcv_name = port,
		.trailer_size = sizeof(struct mach_trailer),
	};
	__u64 bad[] = { 8, (__u64)-8, 1ULL << 63, 0xffffffffff600000ULL, 0 };
	struct mt_message message;
	void *read_only = mmap(NULL, MT_PAGE, PROT_READ,
			       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	bad[4] = (uintptr_t)read_only;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
		mt_put_right(&message, right, MACH_MSG_TYPE_MAKE_SEND);
		mt_must(mt_send(&self->task, &message));
		call.trailer = bad[i];
		EXPECT_EQ(MACH_RCV_INVALID_DATA,
			  mt_call(&self->task, &message, call));
		names = mt_refs(&self->task, right, MACH_PORT_RIGHT_SEND);
		EXPECT_EQ(i + 1, names);
		EXPECT_TRUE(mt_empty(&self->task, port));
	}
}

/* ---- sizes ---- */

/* What a later library asks for gets what this kernel knows. */
TEST_F(mach, N11_larger_trailer)
{
	__u32 port = mt_port(&self->task);
	union room room;

	mt_must(mt_send_id(&self->task, port, MACH_MSG_TYPE_COPY_SEND, 1));
	mt_must(receive_told(&self->task, port, 0, MT_ROOM, sizeof(room),
			     &room));
	EXPECT_EQ(sizeof(room.trailer), room.trailer.size);
	EXPECT_EQ(0U, room.trailer.pad);
	EXPECT_TRUE(untouched(room.bytes + sizeof(room.trailer), TAIL));
	mt_must(mt_send_id(&self->task, port, MACH_MSG_TYPE_COPY_SEND, 1));
	mt_must(receive_told(&self->task, port, 0, MT_ROOM, ~0U, &room));
	EXPECT_EQ(sizeof(room.trailer), room.trailer.size);
	EXPECT_TRUE(untouched(room.bytes + sizeof(room.trailer), TAIL));
}

/* Refused before anything is done. */
TEST_F(mach, bad_sizes)
{
	__u32 port = mt_port(&self->task);
	struct mach_ioc_msg call = {
		.size = sizeof(call),
		.option = MACH_SEND_MSG,
	};
	struct mt_message message;
	struct mach_trailer trailer;

	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	call.msg = (uintptr_t)&message;
	call.send_size = message.size;
	call.trailer = (uintptr_t)&trailer;
	for (call.trailer_size = 0; call.trailer_size < sizeof(trailer);
	     call.trailer_size++)
		EXPECT_EQ(-EINVAL, mt_ioctl(&self->task, MACH_IOC_MSG, &call));
	call.trailer = 0;
	for (call.trailer_size = 1; call.trailer_size;
	     call.trailer_size <<= 1)
		EXPECT_EQ(-EINVAL, mt_ioctl(&self->task, MACH_IOC_MSG, &call));
	EXPECT_TRUE(mt_empty(&self->task, port));
}

/* The first version of the struct: what lies behind it is not looked at. */
TEST_F(mach, first_version)
{
	__u32 port = mt_port(&self->task);
	struct mach_wire_header head = { .bits = 0 };
	struct mach_ioc_msg call = {
		.size = offsetof(struct mach_ioc_msg, trailer),
		.option = MACH_RCV_MSG,
		.msg = (uintptr_t)&head,
		.rcv_size = sizeof(head),
		.rcv_name = port,
		.trailer = 8,
	};

	mt_must(mt_send_id(&self->task, port, MACH_MSG_TYPE_COPY_SEND, 5));
	mt_must(mt_ioctl(&self->task, MACH_IOC_MSG, &call));
	EXPECT_EQ(MACH_MSG_SUCCESS, call.ret);
	EXPECT_EQ(5U, head.id);
	/* And at the end of the memory that there is. */
	mt_must(mt_send_id(&self->task, port, MACH_MSG_TYPE_COPY_SEND, 6));
	{
		char *page = mt_map(2);

		mt_unmap(page + MT_PAGE, MT_PAGE);
		memcpy(page + MT_PAGE - call.size, &call, call.size);
		mt_must(mt_ioctl(&self->task, MACH_IOC_MSG,
				 page + MT_PAGE - call.size));
	}
	EXPECT_EQ(6U, head.id);
}

TEST_HARNESS_MAIN
