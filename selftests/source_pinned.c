// SPDX-License-Identifier: GPL-2.0
/*
 * Memory that somebody writes to, or shows, past the page tables: pinned
 * before the send it is copied, pinned after it is the sender's alone; the
 * receiver sees nothing of it and the pin still shows the sender's page
 * (spec 3.3; negative test N7).
 */
#include <fcntl.h>
#include <linux/if_xdp.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "lib/fixture.h"
#include "lib/fuse.h"
#include "lib/ring.h"
#include "lib/source.h"

#define PAGES	16
#define BYTES	(PAGES * MT_PAGE)
/* What is pinned of it. */
#define FIRST	4
#define PINNED	3
#define PINNED_BYTES	(PINNED * MT_PAGE)

static char *pinned(const struct mt_source *source)
{
	return source->memory + FIRST * MT_PAGE;
}

/* How it travels when some of it is pinned. */
static struct mt_source make(unsigned long pins)
{
	return (struct mt_source) {
		.memory = mt_map_filled(PAGES, 1),
		.bytes = BYTES,
		.want = mt_map_filled(PAGES, 1),
		.shared = PAGES - pins,
		.reasons = MT_REASON(PINNED) | MT_REASON(REFS),
	};
}

/* A file of what is to be read into pinned memory. */
static int make_file(unsigned int seed)
{
	int fd = memfd_create("input", MFD_CLOEXEC);
	char *content = mt_map_filled(PINNED, seed);

	mt_check(write(fd, content, PINNED_BYTES) == PINNED_BYTES);
	mt_unmap(content, PINNED_BYTES);
	return fd;
}

/* ---- fixed buffers of io_uring ---- */

/* Reads into the pinned pages: the sender sees it, the receiver does not. */
static void read_and_compare(struct mt_ring *ring,
			     const struct mt_source *source,
			     const char *received, unsigned int seed)
{
	int fd = make_file(seed);

	mt_ring_read(ring, fd, pinned(source), PINNED_BYTES);
	mt_check(mt_holds(pinned(source), PINNED_BYTES, seed));
	mt_check(mt_source_arrived(source, received));
	close(fd);
}

TEST_F(mach, N7_io_uring_before)
{
	struct mt_source source;
	struct mt_ring ring;
	char *received;
	__u64 frame;

	if (!mt_ring_start(&ring))
		SKIP(return, "no io_uring");
	mt_source_begin();
	source = make(PINNED);
	mt_ring_pin(&ring, pinned(&source), PINNED_BYTES);
	frame = mt_frame(pinned(&source));
	received = mt_source_copy(&self->task, &source);
	read_and_compare(&ring, &source, received, 2);
	/* Nor does a write give the sender another page than the device. */
	mt_source_apart(&source, mt_pass_memory(&self->task, source.want,
						BYTES, 0));
	EXPECT_EQ(frame, mt_frame(pinned(&source)));
	read_and_compare(&ring, &source, received, 3);

	/* Free again, they are shared as any others. */
	mt_ring_unpin(&ring);
	memcpy(source.memory, source.want, BYTES);
	source.shared = PAGES;
	mt_source_apart(&source, mt_source_copy(&self->task, &source));
}

TEST_F(mach, N7_io_uring_after)
{
	struct mt_source source;
	struct mt_ring ring;
	char *received;

	if (!mt_ring_start(&ring))
		SKIP(return, "no io_uring");
	mt_source_begin();
	source = make(0);
	received = mt_source_copy(&self->task, &source);
	mt_ring_pin(&ring, pinned(&source), PINNED_BYTES);
	read_and_compare(&ring, &source, received, 2);
	memset(received, 'r', BYTES);
	EXPECT_TRUE(mt_holds(pinned(&source), PINNED_BYTES, 2));
	mt_fill(source.memory, BYTES, 4);
	EXPECT_TRUE(mt_all(received, BYTES, 'r'));
}

static struct mt_ring in_flight_ring;

static void pin_and_read(const struct mt_source *source)
{
	int fd = make_file(2);

	mt_ring_pin(&in_flight_ring, pinned(source), PINNED_BYTES);
	mt_ring_read(&in_flight_ring, fd, pinned(source), PINNED_BYTES);
	mt_check(mt_holds(pinned(source), PINNED_BYTES, 2));
}

TEST_F(mach, N7_io_uring_in_flight)
{
	struct mt_source source;

	if (!mt_ring_start(&in_flight_ring))
		SKIP(return, "no io_uring");
	mt_source_begin();
	source = make(0);
	mt_source_in_flight(&self->task, &source, pin_and_read);
}

/* The device goes on writing to pages that the sender has given away. */
TEST_F(mach, N7_io_uring_moved)
{
	struct mt_source source;
	struct mt_ring ring;
	char *received;
	int fd = make_file(2);

	if (!mt_ring_start(&ring))
		SKIP(return, "no io_uring");
	mt_source_begin();
	source = make(PINNED);
	mt_ring_pin(&ring, pinned(&source), PINNED_BYTES);
	received = mt_source_move(&self->task, &source);
	mt_ring_read(&ring, fd, pinned(&source), PINNED_BYTES);
	EXPECT_TRUE(mt_source_arrived(&source, received));
	memset(received, 'r', BYTES);
	mt_ring_read(&ring, fd, pinned(&source), PINNED_BYTES);
	EXPECT_TRUE(mt_all(received, BYTES, 'r'));
}

/* One pin of a huge page is one of all of it. */
TEST_F(mach, N7_io_uring_huge_page)
{
	struct mt_source source = {
		.memory = mt_map_huge(1, 1),
		.bytes = MT_HUGE,
		.want = mt_map_filled(512, 1),
		.reasons = MT_REASON(PINNED) | MT_REASON(REFS),
	};
	struct mt_ring ring;
	char *received;

	if (!source.memory || !MT_TAKES_HUGE || !mt_ring_start(&ring))
		SKIP(return, "no huge pages, or copied, or no io_uring");
	mt_source_begin();
	mt_ring_pin(&ring, pinned(&source), PINNED_BYTES);
	received = mt_source_copy(&self->task, &source);
	read_and_compare(&ring, &source, received, 2);
	mt_source_apart(&source, mt_pass_memory(&self->task, source.want,
						MT_HUGE, 0));
	read_and_compare(&ring, &source, received, 3);
}

/* ---- pipes ---- */

/* A pipe that holds the first pinned page. */
static void splice_page(const struct mt_source *source, int channel[2])
{
	struct iovec vector = { pinned(source), MT_PAGE };

	mt_must(pipe(channel));
	mt_check(vmsplice(channel[1], &vector, 1, 0) == MT_PAGE);
}

TEST_F(mach, N7_vmsplice_before)
{
	struct mt_source source;
	char *received, *piped = mt_map(1);
	int channel[2];

	mt_source_begin();
	source = make(1);
	splice_page(&source, channel);
	received = mt_source_copy(&self->task, &source);
	/* The pipe shows the sender's page, as it always did. */
	mt_source_apart(&source, received);
	mt_check(read(channel[0], piped, MT_PAGE) == MT_PAGE);
	EXPECT_TRUE(mt_all(piped, MT_PAGE, MT_BY_SENDER));
}

TEST_F(mach, N7_vmsplice_after)
{
	struct mt_source source;
	char *received, *piped = mt_map(1);
	int channel[2];

	mt_source_begin();
	source = make(0);
	received = mt_source_copy(&self->task, &source);
	splice_page(&source, channel);
	memset(received, 'r', BYTES);
	mt_source_unmap(&source);
	/* Whoever wrote: the pipe has what the sender put into it. */
	mt_check(read(channel[0], piped, MT_PAGE) == MT_PAGE);
	EXPECT_EQ(0, memcmp(piped, source.want + FIRST * MT_PAGE, MT_PAGE));
	EXPECT_TRUE(mt_all(received, BYTES, 'r'));
}

/* What is moved must not stay visible in the pipe. */
TEST_F(mach, N7_vmsplice_moved)
{
	struct mt_source source;
	char *received, *piped = mt_map(1);
	int channel[2];

	mt_source_begin();
	source = make(1);
	splice_page(&source, channel);
	received = mt_source_move(&self->task, &source);
	memset(received, 'r', BYTES);
	mt_check(read(channel[0], piped, MT_PAGE) == MT_PAGE);
	EXPECT_EQ(0, memcmp(piped, source.want + FIRST * MT_PAGE, MT_PAGE));
}

/* The sender of spliced memory dies; then the receiver writes. */
static void splice_send_and_die(struct mt_side *side, void *arg)
{
	struct mt_source source = make(1);
	int *channel = arg;
	struct iovec vector = { pinned(&source), MT_PAGE };

	mt_check(vmsplice(channel[1], &vector, 1, 0) == MT_PAGE);
	mt_must(mt_send_memory(&side->task, side->up, MACH_MSG_TYPE_COPY_SEND,
			       source.memory, BYTES, 0));
}

TEST_F(mach, N7_vmsplice_outlives_the_sender)
{
	char *received, *piped = mt_map(1), *want = mt_map_filled(PAGES, 1);
	struct mt_peer peer;
	int channel[2];

	mt_source_begin();
	mt_must(pipe(channel));
	mt_spawn(&peer, &self->task, splice_send_and_die, channel);
	EXPECT_EQ(0, mt_join(&peer));
	received = mt_receive_memory(&self->task, peer.port);
	memset(received, 'r', BYTES);
	mt_check(read(channel[0], piped, MT_PAGE) == MT_PAGE);
	EXPECT_EQ(0, memcmp(piped, want + FIRST * MT_PAGE, MT_PAGE));
}

/* ---- direct I/O in flight ---- */

/* A thread that reads from a file without a page cache, into pinned pages. */
struct reader {
	struct mt_fuse fuse;
	struct mt_source source;
	pthread_t thread;
};

static void *read_directly(void *arg)
{
	struct reader *reader = arg;

	return (void *)pread(reader->fuse.file, pinned(&reader->source),
			     PINNED_BYTES, 0);
}

static bool prepare(struct reader *reader, unsigned long pins)
{
	*reader = (struct reader) {
		.fuse = {
			.content = mt_map_filled(PINNED, 2),
			.bytes = PINNED_BYTES,
			.direct = true,
			.silent = true,
		},
	};
	if (!mt_fuse_start(&reader->fuse))
		return false;
	mt_source_begin();
	reader->source = make(pins);
	return true;
}

/* Returns when the read is on its way and its pages are taken. */
static void start_reading(struct reader *reader)
{
	mt_must(pthread_create(&reader->thread, NULL, read_directly, reader));
	mt_fuse_until_read(&reader->fuse);
}

static void finish_reading(struct reader *reader)
{
	void *got;

	mt_fuse_answer(&reader->fuse);
	mt_must(pthread_join(reader->thread, &got));
	mt_check((ssize_t)got == PINNED_BYTES);
}

TEST_F(mach, N7_direct_read_before)
{
	struct reader reader;
	char *received;

	if (!prepare(&reader, PINNED))
		SKIP(return, "no FUSE");
	start_reading(&reader);
	received = mt_source_copy(&self->task, &reader.source);
	finish_reading(&reader);
	EXPECT_TRUE(mt_holds(pinned(&reader.source), PINNED_BYTES, 2));
	EXPECT_TRUE(mt_source_arrived(&reader.source, received));
	mt_source_apart(&reader.source, mt_pass_memory(&self->task,
						       reader.source.want,
						       BYTES, 0));
}

TEST_F(mach, N7_direct_read_after)
{
	struct reader reader;
	char *received;

	if (!prepare(&reader, 0))
		SKIP(return, "no FUSE");
	received = mt_source_copy(&self->task, &reader.source);
	start_reading(&reader);
	EXPECT_TRUE(mt_source_arrived(&reader.source, received));
	finish_reading(&reader);
	EXPECT_TRUE(mt_holds(pinned(&reader.source), PINNED_BYTES, 2));
	EXPECT_TRUE(mt_source_arrived(&reader.source, received));
}

TEST_F(mach, N7_direct_read_moved)
{
	struct reader reader;
	char *received;

	if (!prepare(&reader, PINNED))
		SKIP(return, "no FUSE");
	start_reading(&reader);
	received = mt_source_move(&self->task, &reader.source);
	finish_reading(&reader);
	EXPECT_TRUE(mt_source_arrived(&reader.source, received));
	memset(received, 'r', BYTES);
	EXPECT_TRUE(mt_all(received, BYTES, 'r'));
}

/* A child inherits a page that a device is still writing to, and sends it. */
static void send_inherited(const struct mt_source *source, int channel[2],
			   int answered[2])
{
	struct mt_task own;
	char *received;

	mt_open(&own);
	received = mt_pass_memory(&own, source->memory, BYTES, 0);
	mt_check(mt_source_arrived(source, received));
	mt_tell(channel[1], 0);
	mt_await(answered[0]);
	mt_check(mt_source_arrived(source, received));
	memset(received, 'r', BYTES);
	_exit(mt_all(received, BYTES, 'r') ? 0 : 1);
}

TEST_F(mach, N7_direct_read_inherited)
{
	int channel[2], answered[2];
	struct reader reader;
	pid_t pid;

	if (!prepare(&reader, PINNED))
		SKIP(return, "no FUSE");
	mt_must(pipe(channel));
	mt_must(pipe(answered));
	start_reading(&reader);
	pid = mt_fork();
	if (pid == 0)
		send_inherited(&reader.source, channel, answered);
	mt_await(channel[0]);
	finish_reading(&reader);
	mt_tell(answered[1], 0);
	EXPECT_EQ(0, mt_wait_pid(pid));
}

/* ---- packet rings in user memory ---- */

static int register_packets(char *memory)
{
	struct xdp_umem_reg umem = {
		.addr = (unsigned long)memory,
		.len = PINNED_BYTES,
		.chunk_size = MT_PAGE,
	};
	int fd = socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0);

	if (fd >= 0)
		mt_must(setsockopt(fd, SOL_XDP, XDP_UMEM_REG, &umem,
				   sizeof(umem)));
	return fd;
}

TEST_F(mach, N7_packet_memory)
{
	struct mt_source source;

	mt_source_begin();
	source = make(PINNED);
	if (register_packets(pinned(&source)) < 0)
		SKIP(return, "no AF_XDP");
	mt_source_apart(&source, mt_source_copy(&self->task, &source));
	memcpy(source.memory, source.want, BYTES);
	mt_source_move(&self->task, &source);

	source = make(0);
	mt_source_copy(&self->task, &source);
	register_packets(pinned(&source));
	source = make(0);
	mt_source_apart(&source, mt_source_copy(&self->task, &source));
}

TEST_HARNESS_MAIN
