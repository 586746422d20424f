// SPDX-License-Identifier: GPL-2.0
/*
 * The hammer: threads write their memory without pause while another sends it
 * and writes to it, too.  What was received never changes any more, and no
 * write is lost.
 *
 * This is what the TLB flush of the sender is for: without it a writer goes
 * on writing into pages that the receiver already has (the snapshot changes),
 * or that another thread's write has just replaced by a copy (an update is
 * lost).  A module built with -DMACH_TEST_NO_FLUSH must fail here.
 *
 * usage: hammer [-k small|huge] [-n sends] [-p pages] [-t seconds]
 *		 [-w writers]
 *
 * One writer on the second processor finds a missing flush at once.  More, one
 * on each further processor (the default), find a flush that comes too late.
 *
 * Each page of the region has a counter for each writing thread.  Each thread
 * keeps its counts elsewhere, too, and looks before each step whether memory
 * still says the same.  Exit status 1: a violation, said with the number of
 * the send.
 */
#include <getopt.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kselftest.h"
#include "lib/mach_test.h"

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE	25
#endif

#define MAX_PAGES	512
#define MAX_WRITERS	4
#define RECHECKS	5

/* At the start of each page. */
struct cell {
	__u64 writer[MAX_WRITERS];
	__u64 sender;
};

struct writer {
	unsigned int number;
	pthread_t thread;
	__u64 written[MAX_PAGES];	/* others may read it */
};

struct options {
	bool huge;
	unsigned long sends;
	unsigned long pages;
	unsigned int seconds;
	unsigned int writers;
};

static struct writer writers[MAX_WRITERS];
static unsigned int writer_count;
static unsigned long pages;
static char *region;
static bool stop, lost;

static struct cell *cell(char *memory, unsigned long page)
{
	return (struct cell *)(memory + page * MT_PAGE);
}

static __u64 load(const __u64 *counter)
{
	return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

static void store(__u64 *counter, __u64 value)
{
	__atomic_store_n(counter, value, __ATOMIC_RELAXED);
}

/* ---- the writers ---- */

static bool step(struct writer *writer, unsigned long page)
{
	__u64 *counter = &cell(region, page)->writer[writer->number];
	__u64 seen = load(counter), own = writer->written[page];

	if (seen != own) {
		printf("# lost update: page %lu says %llu, written %llu\n",
		       page, (unsigned long long)seen,
		       (unsigned long long)own);
		return false;
	}
	/*
	 * Memory first: whoever has read the own count of a page knows that
	 * the page holds at least that.
	 */
	store(counter, own + 1);
	__atomic_store_n(&writer->written[page], own + 1, __ATOMIC_RELEASE);
	return true;
}

static bool write_all_pages(struct writer *writer)
{
	unsigned long page;

	for (page = 0; page < pages; page++)
		if (!step(writer, page))
			return false;
	return true;
}

static void *write_without_pause(void *arg)
{
	struct writer *writer = arg;

	/* The sender has the first processor. */
	mt_one_cpu((writer->number + 1) % sysconf(_SC_NPROCESSORS_ONLN));
	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		if (write_all_pages(writer))
			continue;
		__atomic_store_n(&lost, true, __ATOMIC_RELAXED);
		break;
	}
	return NULL;
}

static void start_writers(void)
{
	unsigned int i;

	for (i = 0; i < writer_count; i++) {
		writers[i].number = i;
		mt_must(pthread_create(&writers[i].thread, NULL,
				       write_without_pause, &writers[i]));
	}
}

static void stop_writers(void)
{
	unsigned int i;

	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	for (i = 0; i < writer_count; i++)
		mt_must(pthread_join(writers[i].thread, NULL));
}

/* ---- the receiver, another process ---- */

static __u64 take_snapshot(char *received, struct cell *snapshot)
{
	unsigned long page;
	unsigned int i;
	__u64 sum = 0;

	for (page = 0; page < pages; page++) {
		const struct cell *now = cell(received, page);

		snapshot[page].sender = load(&now->sender);
		for (i = 0; i < writer_count; i++) {
			snapshot[page].writer[i] = load(&now->writer[i]);
			sum += snapshot[page].writer[i];
		}
	}
	return sum;
}

static bool unchanged(char *received, const struct cell *snapshot,
		      unsigned long send)
{
	unsigned long at;

	for (at = 0; at < pages * writer_count; at++) {
		unsigned long page = at / writer_count;
		unsigned int i = at % writer_count;
		__u64 was = snapshot[page].writer[i];
		__u64 now = load(&cell(received, page)->writer[i]);

		if (now == was)
			continue;
		printf("# send %lu: received page %lu changed, %llu to %llu\n",
		       send, page, (unsigned long long)was,
		       (unsigned long long)now);
		return false;
	}
	return true;
}

static bool went_back(const struct cell *now, const struct cell *before)
{
	unsigned int i;

	for (i = 0; i < writer_count; i++)
		if (now->writer[i] < before->writer[i])
			return true;
	return false;
}

/* The sending thread writes between sends only: all its counts are equal. */
static bool consistent(const struct cell *snapshot,
		       const struct cell *previous, unsigned long send)
{
	unsigned long page;

	for (page = 0; page < pages; page++) {
		if (snapshot[page].sender != send ||
		    went_back(&snapshot[page], &previous[page])) {
			printf("# send %lu: page %lu went back\n", send, page);
			return false;
		}
	}
	return true;
}

static bool check_region(char *received, unsigned long send, __u64 *sum)
{
	static struct cell snapshots[2][MAX_PAGES];
	struct cell *snapshot = snapshots[send % 2];
	int again;

	*sum = take_snapshot(received, snapshot);
	if (!consistent(snapshot, snapshots[1 - send % 2], send))
		return false;
	for (again = 0; again < RECHECKS; again++) {
		sched_yield();
		if (!unchanged(received, snapshot, send))
			return false;
	}
	return true;
}

/* Answers each region with the sum of its counters; id 1 is bad. */
static void check_regions(struct mt_side *side, void *arg)
{
	struct mt_message message;
	unsigned long send;
	char *received;
	bool good;
	__u64 sum;

	(void)arg;
	mt_one_cpu(0);
	for (send = 0;; send++) {
		mt_must(mt_receive(&side->task, side->port, &message,
				   MT_FOREVER));
		if (!(message.head.bits & MACH_MSGH_BITS_COMPLEX))
			return;
		received = mt_memory(&message, 0);
		good = check_region(received, send, &sum);
		fflush(stdout);
		mt_unmap(received, pages * MT_PAGE);
		mt_begin(&message, message.head.remote_port,
			 MACH_MSG_TYPE_MOVE_SEND_ONCE);
		message.words[4] = sum;
		message.size = 40;
		message.head.id = !good;
		mt_must(mt_send(&side->task, &message));
	}
}

/* ---- the sender ---- */

static __u64 written_sum(void)
{
	unsigned long page;
	unsigned int i;
	__u64 sum = 0;

	for (i = 0; i < writer_count; i++)
		for (page = 0; page < pages; page++)
			sum += __atomic_load_n(&writers[i].written[page],
					       __ATOMIC_ACQUIRE);
	return sum;
}

/* A write of this thread to each page makes the kernel replace it. */
static bool write_each_page(unsigned long send)
{
	unsigned long page;

	for (page = 0; page < pages; page++) {
		__u64 *counter = &cell(region, page)->sender;

		if (load(counter) != send) {
			printf("# send %lu: the sender lost an update\n",
			       send);
			return false;
		}
		store(counter, send + 1);
	}
	return true;
}

static bool send_once(const struct mt_task *task, const struct mt_peer *peer,
		      __u32 reply, unsigned long send)
{
	struct mt_message message;
	__u64 low, high;

	mt_begin(&message, peer->right, MACH_MSG_TYPE_COPY_SEND);
	mt_reply_to(&message, reply, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	mt_put_memory(&message, region, pages * MT_PAGE, 0);
	low = written_sum();
	mt_must(mt_send(task, &message));
	/* Each page may have been written just before its own count. */
	high = written_sum() + pages * writer_count;
	if (!write_each_page(send))
		return false;

	mt_must(mt_receive(task, reply, &message, MT_FOREVER));
	if (message.words[4] < low || message.words[4] > high) {
		printf("# send %lu: sum %llu is not in %llu..%llu\n", send,
		       (unsigned long long)message.words[4],
		       (unsigned long long)low, (unsigned long long)high);
		return false;
	}
	return !message.head.id && !__atomic_load_n(&lost, __ATOMIC_RELAXED);
}

/* After the last send: memory says what both have counted. */
static bool all_there(unsigned long sends)
{
	unsigned long page;
	unsigned int i;

	for (page = 0; page < pages; page++) {
		const struct cell *end = cell(region, page);

		if (end->sender != sends)
			return false;
		for (i = 0; i < writer_count; i++)
			if (end->writer[i] != writers[i].written[page])
				return false;
	}
	return true;
}

static bool send_all(const struct mt_task *task,
		     const struct options *options)
{
	__u64 end = mt_now() + options->seconds * 1000ULL;
	unsigned long send, whole = 0;
	struct mt_message message;
	struct mt_peer peer;
	bool good = true;
	__u32 reply;

	mt_spawn(&peer, task, check_regions, NULL);
	reply = mt_receive_right(task);
	mt_one_cpu(0);
	start_writers();
	for (send = 0; good && send < options->sends && mt_now() < end;
	     send++) {
		if (options->huge &&
		    !madvise(region, pages * MT_PAGE, MADV_COLLAPSE))
			whole++;
		good = send_once(task, &peer, reply, send);
	}
	stop_writers();
	good = good && all_there(send);

	mt_begin(&message, peer.right, MACH_MSG_TYPE_COPY_SEND);
	mt_must(mt_send(task, &message));
	good = !mt_join(&peer) && good;
	printf("# %s: %lu sends of %lu pages, %lu of them whole, %llu writes\n",
	       good ? "good" : "violated", send, pages, whole,
	       (unsigned long long)written_sum());
	return good;
}

static int hammer(const struct options *options)
{
	struct mt_task task;

	mt_supervise();
	mt_share_all();
	writer_count = options->writers;
	pages = options->huge ? MAX_PAGES : options->pages;
	region = options->huge ? mt_map_huge(1, 0) : mt_map(pages);
	if (!region)
		return KSFT_SKIP;
	memset(region, 0, pages * MT_PAGE);
	mt_open(&task);
	return send_all(&task, options) ? KSFT_PASS : KSFT_FAIL;
}

/* In a child: the supervisor ends the process that it runs in. */
static int hammer_in_child(const struct options *options)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = mt_fork();
	if (pid == 0) {
		status = hammer(options);
		fflush(stdout);
		_exit(status);
	}
	status = mt_wait_pid(pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : KSFT_FAIL;
}

static void report(const struct options *options)
{
	const char *name = options->huge ? "huge pages" : "small pages";

	switch (hammer_in_child(options)) {
	case KSFT_PASS:
		ksft_test_result_pass("hammer on %s\n", name);
		break;
	case KSFT_SKIP:
		ksft_test_result_skip("hammer on %s: there are none\n", name);
		break;
	default:
		ksft_test_result_fail("hammer on %s\n", name);
	}
}

static unsigned int default_writers(void)
{
	long further = sysconf(_SC_NPROCESSORS_ONLN) - 1;

	return further < 1 ? 1 : further < MAX_WRITERS ? further : MAX_WRITERS;
}

/* Returns how many kinds of pages to try. */
static int parse(int argc, char **argv, struct options *options)
{
	int option, kinds = 2;

	while ((option = getopt(argc, argv, "k:n:p:t:w:")) != -1) {
		switch (option) {
		case 'k':
			options->huge = !strcmp(optarg, "huge");
			kinds = 1;
			break;
		case 'n':
			options->sends = strtoul(optarg, NULL, 0);
			break;
		case 'p':
			options->pages = strtoul(optarg, NULL, 0);
			break;
		case 't':
			options->seconds = strtoul(optarg, NULL, 0);
			break;
		case 'w':
			options->writers = strtoul(optarg, NULL, 0);
			break;
		default:
			exit(2);
		}
	}
	if (!options->pages || options->pages > MAX_PAGES ||
	    !options->writers || options->writers > MAX_WRITERS)
		exit(2);
	return kinds;
}

int main(int argc, char **argv)
{
	struct options options = {
		.sends = 2000,
		.pages = 64,
		.seconds = 20,
		.writers = default_writers(),
	};
	int kinds = parse(argc, argv, &options);

	ksft_print_header();
	if (mt_unavailable())
		ksft_exit_skip("%s\n", mt_unavailable());
	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		ksft_exit_skip("one processor has no stale TLB\n");
	ksft_set_plan(kinds);
	report(&options);
	if (kinds == 2) {
		options.huge = true;
		report(&options);
	}
	ksft_finished();
}
