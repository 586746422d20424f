// SPDX-License-Identifier: GPL-2.0
/*
 * A task dies with its memory or with the last close of its file, whichever
 * comes first, and then at once: nobody who holds a copy of the descriptor or
 * of received memory keeps it alive (design 1; negative test N35).
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#include "lib/caller.h"
#include "lib/fixture.h"

/* A third party that waits for the death of the peer's port. */
struct watch {
	struct mt_peer peer;
	__u32 notify;
};

static void start_watch(struct watch *watch, const struct mt_task *task,
			mt_body *body, void *arg)
{
	watch->notify = mt_receive_right(task);
	mt_spawn(&watch->peer, task, body, arg);
	mt_arm(task, watch->peer.right, MACH_NOTIFY_DEAD_NAME, watch->notify);
}

/* Told while everybody who might delay it still lives. */
static bool told(const struct watch *watch, const struct mt_task *task)
{
	return mt_notified(task, watch->notify, MACH_NOTIFY_DEAD_NAME,
			   watch->peer.right);
}

static void just_wait(struct mt_side *side, void *arg)
{
	(void)arg;
	mt_await(side->from);
}

TEST_F(mach, exit)
{
	struct watch watch;

	start_watch(&watch, &self->task, just_wait, NULL);
	mt_tell(watch.peer.to, 0);
	EXPECT_TRUE(told(&watch, &self->task));
	EXPECT_EQ(0, mt_join(&watch.peer));
}

TEST_F(mach, kill)
{
	struct watch watch;

	start_watch(&watch, &self->task, just_wait, NULL);
	mt_kill(&watch.peer);
	EXPECT_TRUE(told(&watch, &self->task));
}

/*
 * Receives memory, forks a child that keeps the descriptor and the memory,
 * and waits to be killed.
 */
static void receive_and_fork(struct mt_side *side, void *arg)
{
	char *received = mt_receive_memory(&side->task, side->port);
	int channel[2];
	pid_t pid;

	(void)arg;
	mt_must(pipe(channel));
	received[0] ^= 1;
	/* Not mt_fork(): the child keeps the file and outlives us. */
	pid = fork();
	if (pid == 0) {
		mt_tell(channel[1], 0);
		for (;;) {
			mt_sleep(10);
			mt_check(received[MT_PAGE] != 0);
		}
	}
	mt_await(channel[0]);
	mt_tell(side->to, pid);
	mt_await(side->from);
}

TEST_F(mach, killed_while_a_child_sleeps)
{
	const struct mt_task *task = &self->task;
	__u64 tasks = mt_live(task, MT_LIVE(tasks));
	__u64 names = mt_live(task, MT_LIVE(names));
	char *memory = mt_map_filled(64, 1);
	struct watch watch;
	pid_t child;

	mt_share_all();
	start_watch(&watch, task, receive_and_fork, NULL);
	mt_must(mt_send_memory(task, watch.peer.right,
			       MACH_MSG_TYPE_COPY_SEND, memory, 64 * MT_PAGE,
			       0));
	child = mt_await(watch.peer.from);
	mt_kill(&watch.peer);
	EXPECT_TRUE(told(&watch, task));
	/* All its names are gone; three are the watcher's own. */
	EXPECT_TRUE(mt_live_becomes(task, MT_LIVE(names), names + 3));
	EXPECT_EQ(0, kill(child, 0));
	/* The child still has the memory. */
	mt_sleep(50);
	EXPECT_EQ(0, kill(child, SIGKILL));
	EXPECT_TRUE(mt_live_becomes(task, MT_LIVE(tasks), tasks));
}

static void exec_sleep(struct mt_side *side, void *arg)
{
	bool keep_file = *(bool *)arg;

	mt_await(side->from);
	mt_must(fcntl(side->task.fd, F_SETFD, keep_file ? 0 : FD_CLOEXEC));
	mt_map_filled(16, 1);
	execlp("sleep", "sleep", "100", NULL);
	_exit(127);
}

TEST_F(mach, exec)
{
	for (int keep = 0; keep < 2; keep++) {
		bool keep_file = keep;
		struct watch watch;

		start_watch(&watch, &self->task, exec_sleep, &keep_file);
		mt_tell(watch.peer.to, 0);
		EXPECT_TRUE(told(&watch, &self->task));
		EXPECT_EQ(0, kill(watch.peer.pid, 0));
		mt_kill(&watch.peer);
	}
}

/* Up to @room doorbells: pages of the device that nobody may touch. */
static int find_doorbells(char **starts, unsigned long *sizes, int room)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	unsigned long start, end;
	char line[256];
	int count = 0;

	while (count < room && fgets(line, sizeof(line), maps))
		if (strstr(line, "---s") && strstr(line, "mach") &&
		    sscanf(line, "%lx-%lx", &start, &end) == 2) {
			starts[count] = (char *)start;
			sizes[count++] = end - start;
		}
	fclose(maps);
	return count;
}

static void unmap_doorbells(void)
{
	unsigned long sizes[16];
	char *starts[16];
	int count = find_doorbells(starts, sizes, 16);

	while (count--)
		mt_unmap(starts[count], sizes[count]);
}

static int count_doorbells(void)
{
	unsigned long sizes[16];
	char *starts[16];

	return find_doorbells(starts, sizes, 16);
}

/* Each to another place, and then to one more, across what is there. */
static void move_doorbells(void)
{
	unsigned long sizes[16];
	char *starts[16], *place;
	int count, i;

	for (i = 0; i < 2; i++) {
		count = find_doorbells(starts, sizes, 16);
		mt_check(count > 0);
		while (count--) {
			/* Larger than the hole that the last one left. */
			place = mt_map_filled(sizes[count] / MT_PAGE + 2, 1);
			place += MT_PAGE;
			mt_check(mremap(starts[count], sizes[count],
					sizes[count],
					MREMAP_MAYMOVE | MREMAP_FIXED,
					place) == place);
		}
	}
}

/* Does @arg, a function, to the doorbell; the next calls work as ever. */
static void handle_doorbell(struct mt_side *side, void *arg)
{
	void (*handle)(void) = arg;

	handle();
	mt_receive_right(&side->task);
	mt_must(mt_send_memory(&side->task, side->up, MACH_MSG_TYPE_COPY_SEND,
			       mt_map_filled(64, 1), 64 * MT_PAGE, 0));
	mt_tell(side->to, 0);
	mt_await(side->from);
}

/* Whatever was done to the doorbell, the death is seen. */
static bool death_is_seen(const struct mt_task *task, void (*handle)(void))
{
	struct watch watch;
	bool whole;

	mt_share_all();
	start_watch(&watch, task, handle_doorbell, handle);
	mt_await(watch.peer.from);
	whole = mt_holds(mt_receive_memory(task, watch.peer.port),
			 64 * MT_PAGE, 1);
	mt_kill(&watch.peer);
	return whole && told(&watch, task);
}

TEST_F(mach, doorbell_unmapped_by_the_user)
{
	EXPECT_TRUE(death_is_seen(&self->task, unmap_doorbells));
}

TEST_F(mach, doorbell_moved_by_the_user)
{
	EXPECT_TRUE(death_is_seen(&self->task, move_doorbells));
}

/* Unmapping the doorbell, or moving it, is not the death of the memory. */
TEST_F(mach, doorbell_without_death)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);

	move_doorbells();
	mt_sleep(50);
	mt_must(mt_send_id(task, port, MACH_MSG_TYPE_COPY_SEND, 1));
	EXPECT_EQ(1U, mt_queued(task, port));
	unmap_doorbells();
	mt_sleep(50);
	mt_must(mt_send_id(task, port, MACH_MSG_TYPE_COPY_SEND, 1));
	EXPECT_EQ(2U, mt_queued(task, port));
}

/* A doorbell that has moved stays the one, and goes with its task. */
TEST_F(mach, moved_doorbell_goes_with_its_task)
{
	const struct mt_task *task = &self->task;
	int before = count_doorbells();
	struct mt_task other;

	mt_open(&other);
	EXPECT_EQ(before + 1, count_doorbells());
	move_doorbells();
	mt_port(&other);
	mt_port(task);
	EXPECT_EQ(before + 1, count_doorbells());
	mt_close(&other);
	EXPECT_EQ(before, count_doorbells());
	mt_receive_right(task);
}

TEST_F(mach, last_close)
{
	const struct mt_task *task = &self->task;
	__u32 port, right, notify = mt_receive_right(task);
	struct mt_task other;
	int copy;

	mt_open(&other);
	port = mt_receive_right(&other);
	right = mt_connect(task, &other, port);
	mt_arm(task, right, MACH_NOTIFY_DEAD_NAME, notify);
	copy = dup(other.fd);
	mt_close(&other);
	mt_sleep(50);
	EXPECT_TRUE(mt_empty(task, notify));
	other.fd = copy;
	EXPECT_EQ(MACH_PORT_TYPE_RECEIVE, mt_types(&other, port));
	mt_close(&other);
	EXPECT_TRUE(mt_notified(task, notify, MACH_NOTIFY_DEAD_NAME, right));
}

/* Everything in flight: queues, memory, requests, receive rights. */
static void leave_all_behind(struct mt_side *side, void *arg)
{
	__u32 ports[8], notify = mt_receive_right(&side->task);
	char *memory = mt_map_filled(32, 1);
	struct mt_message message;

	(void)arg;
	for (int i = 0; i < 8; i++)
		ports[i] = mt_port(&side->task);
	for (int i = 0; i < 7; i++) {
		mt_arm(&side->task, ports[i], MACH_NOTIFY_DEAD_NAME, notify);
		mt_arm(&side->task, ports[i], MACH_NOTIFY_NO_SENDERS, notify);
		mt_begin(&message, ports[i + 1], MACH_MSG_TYPE_COPY_SEND);
		mt_reply_to(&message, notify, MACH_MSG_TYPE_MAKE_SEND_ONCE);
		mt_put_memory(&message, memory, 32 * MT_PAGE, 0);
		mt_put_right(&message, ports[i], MACH_MSG_TYPE_MOVE_RECEIVE);
		mt_put_right(&message, ports[i], MACH_MSG_TYPE_COPY_SEND);
		mt_must(mt_send(&side->task, &message));
	}
	/* One more to a stranger, with a right of the dying. */
	mt_begin(&message, side->up, MACH_MSG_TYPE_COPY_SEND);
	mt_put_right(&message, notify, MACH_MSG_TYPE_MAKE_SEND);
	mt_put_memory(&message, memory, 32 * MT_PAGE,
		      MACH_MSG_DESC_DEALLOCATE);
	mt_must(mt_send(&side->task, &message));
	mt_tell(side->to, 0);
	mt_await(side->from);
}

TEST_F(mach, N35_everything_in_flight)
{
	const struct mt_task *task = &self->task;
	__u64 messages = mt_live(task, MT_LIVE(messages));
	__u64 requests = mt_live(task, MT_LIVE(requests));
	struct mt_message message;
	struct watch watch;

	mt_share_all();
	start_watch(&watch, task, leave_all_behind, NULL);
	mt_await(watch.peer.from);
	mt_kill(&watch.peer);
	EXPECT_TRUE(told(&watch, task));
	EXPECT_TRUE(mt_live_becomes(task, MT_LIVE(messages), messages + 1));
	EXPECT_TRUE(mt_live_becomes(task, MT_LIVE(requests), requests));
	/* What it sent lives on, without it. */
	mt_must(mt_receive(task, watch.peer.port, &message, 0));
	EXPECT_EQ(MACH_PORT_DEAD, mt_right(&message, 0));
	EXPECT_TRUE(mt_holds(mt_memory(&message, 1), 32 * MT_PAGE, 1));
}

/* The receiver of the memory lives on after the sender's death. */
TEST_F(mach, O14_memory_outlives_the_sender)
{
	const struct mt_task *task = &self->task;
	struct mt_message message;
	struct watch watch;
	char *received;
	pid_t hog;

	mt_share_all();
	start_watch(&watch, task, leave_all_behind, NULL);
	mt_await(watch.peer.from);
	mt_must(mt_receive(task, watch.peer.port, &message, 0));
	mt_kill(&watch.peer);
	EXPECT_TRUE(told(&watch, task));
	hog = mt_fork();
	if (hog == 0) {
		mt_map_filled(4096, 9);
		_exit(0);
	}
	mt_wait_pid(hog);
	received = mt_memory(&message, 1);
	EXPECT_TRUE(mt_holds(received, 32 * MT_PAGE, 1));
	mt_fill(received, 32 * MT_PAGE, 2);
	EXPECT_TRUE(mt_holds(received, 32 * MT_PAGE, 2));
}

static void spin_calls(struct mt_side *side, void *arg)
{
	char *memory = mt_map_filled(32, 1);

	(void)arg;
	mt_tell(side->to, 0);
	for (;;)
		mt_unmap(mt_pass_memory(&side->task, memory, 32 * MT_PAGE, 0),
			 32 * MT_PAGE);
}

TEST_F(mach, N35_killed_anywhere)
{
	const struct mt_task *task = &self->task;
	__u64 tasks = mt_live(task, MT_LIVE(tasks));

	mt_share_all();
	for (int round = 0; round < 30; round++) {
		struct watch watch;

		start_watch(&watch, task, spin_calls, NULL);
		mt_await(watch.peer.from);
		mt_sleep(round % 7);
		mt_kill(&watch.peer);
		ASSERT_TRUE(told(&watch, task));
		mt_must(mt_destroy(task, watch.peer.port));
		mt_must(mt_destroy(task, watch.notify));
		mt_must(mt_destroy(task, watch.peer.right));
		close(watch.peer.to);
		close(watch.peer.from);
	}
	EXPECT_TRUE(mt_live_becomes(task, MT_LIVE(tasks), tasks));
}

TEST_HARNESS_MAIN
