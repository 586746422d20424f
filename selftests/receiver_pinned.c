// SPDX-License-Identifier: GPL-2.0
/*
 * What wants the pages of received memory, not its bytes, fails cleanly
 * (docs/memory.md: no get_user_pages).
 *
 * The rule has a hole: get_user_pages_fast() looks at page tables only, and
 * takes a page of the region that the core has copied because the receiver
 * wrote to it.  Such a page is the receiver's private memory as any; so these
 * calls give EFAULT, or do what they do with any memory, but only for pages
 * that were written.
 */
#include <fcntl.h>
#include <linux/io_uring.h>
#include <linux/userfaultfd.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "lib/disk.h"
#include "lib/fixture.h"
#include "lib/receiver.h"

#define PAGES	8
#define BYTES	(PAGES * MT_PAGE)

static void receive_kind(struct mt_region *region, const struct mt_task *task,
			 int kind)
{
	mt_region_receive(region, task, kind % MT_ORIGINS, PAGES, 1);
	mt_region_touch(region, kind / MT_ORIGINS);
}

#define FOR_EACH_KIND(region, task)					\
	for (int kind = 0; kind < MT_ORIGINS * MT_TOUCHES &&		\
	     (receive_kind(region, task, kind), true);			\
	     mt_region_drop(region), kind++)

#define EXPECT_KIND(condition)						\
	EXPECT_TRUE(condition) TH_LOG("origin %d touch %d errno %d",	\
				      kind % MT_ORIGINS,		\
				      kind / MT_ORIGINS, errno)

static bool was_written(int kind)
{
	return kind / MT_ORIGINS >= MT_WRITTEN;
}

/* EFAULT; or all of it, which only written pages may give. */
static bool refused_or_done(ssize_t ret, ssize_t all, int kind)
{
	if (ret < 0)
		return errno == EFAULT;
	return was_written(kind) && ret == all;
}

/* ---- vmsplice ---- */

TEST_F(mach, vmsplice)
{
	struct mt_region region;
	char buffer[MT_PAGE];

	FOR_EACH_KIND(&region, &self->task) {
		struct iovec vector = { region.memory, MT_PAGE };
		int channel[2];
		ssize_t ret;

		mt_must(pipe(channel));
		ret = vmsplice(channel[1], &vector, 1, 0);
		EXPECT_KIND(refused_or_done(ret, MT_PAGE, kind));
		if (ret > 0) {
			EXPECT_EQ((ssize_t)MT_PAGE,
				  read(channel[0], buffer, MT_PAGE));
			EXPECT_KIND(mt_region_holds(&region, buffer, 0, 1));
		}
		close(channel[0]);
		close(channel[1]);
		EXPECT_KIND(mt_region_intact(&region));
	}
}

/*
 * A page that somebody could pin is not shared with the next receiver: he
 * must not see what is written later, through the pipe or the mapping.
 */
TEST_F(mach, N7_pinned_and_sent_on)
{
	const struct mt_task *task = &self->task;
	struct mt_region region;

	mt_share_all();
	FOR_EACH_KIND(&region, task) {
		struct iovec vector = { region.memory, MT_PAGE };
		char *copy, spliced[MT_PAGE];
		int channel[2];
		ssize_t ret;

		mt_must(pipe(channel));
		ret = vmsplice(channel[1], &vector, 1, 0);
		copy = mt_pass_memory(task, region.memory, BYTES, 0);
		mt_fill(region.memory, MT_PAGE, 9);
		if (ret > 0) {
			EXPECT_EQ(ret, read(channel[0], spliced, MT_PAGE));
			EXPECT_KIND(mt_holds(spliced, MT_PAGE, 9));
		}
		EXPECT_KIND(mt_region_holds(&region, copy, 0, PAGES));
		mt_unmap(copy, BYTES);
		close(channel[0]);
		close(channel[1]);
	}
}

/* ---- O_DIRECT ---- */

static bool is_block(const char *memory, unsigned long block)
{
	return *(const __u64 *)memory == block &&
	       mt_zero(memory + 8, 512 - 8);
}

TEST_F(mach, direct_io_into_it)
{
	int disk = mt_loop_disk(1 << 20, O_DIRECT);
	struct mt_region region;

	if (disk < 0)
		SKIP(return, "no loop.ko");
	FOR_EACH_KIND(&region, &self->task) {
		ssize_t ret = pread(disk, region.memory, MT_PAGE, 8192);

		EXPECT_KIND(refused_or_done(ret, MT_PAGE, kind));
		EXPECT_KIND(ret > 0 ? is_block(region.memory, 16) :
				      mt_region_intact(&region));
		/* What has been read is the receiver's alone. */
		EXPECT_KIND(mt_region_source_intact(&region));
		/* Into the half that was never written: never. */
		if (kind / MT_ORIGINS == MT_WRITTEN_HALF) {
			ret = pread(disk, region.memory + BYTES / 2, MT_PAGE,
				    8192);
			EXPECT_KIND(ret == -1 && errno == EFAULT);
		}
	}
	close(disk);
}

TEST_F(mach, direct_io_out_of_it)
{
	int disk = mt_loop_disk(1 << 20, O_DIRECT);
	char *back = mt_map(1);
	struct mt_region region;

	if (disk < 0)
		SKIP(return, "no loop.ko");
	FOR_EACH_KIND(&region, &self->task) {
		ssize_t ret = pwrite(disk, region.memory, MT_PAGE, 0);

		EXPECT_KIND(refused_or_done(ret, MT_PAGE, kind));
		if (ret > 0) {
			EXPECT_EQ(ret, pread(disk, back, MT_PAGE, 0));
			EXPECT_KIND(mt_region_holds(&region, back, 0, 1));
		}
		EXPECT_KIND(mt_region_intact(&region));
	}
	close(disk);
}

/*
 * A buffer only half of which can be had.  What the kernel says it has read is
 * there (the block layer may copy the second half), and nothing else.
 */
TEST_F(mach, direct_io_into_a_half)
{
	int disk = mt_loop_disk(1 << 20, O_DIRECT);
	struct mt_region region;
	ssize_t ret, at;

	if (disk < 0)
		SKIP(return, "no loop.ko");
	mt_region_receive(&region, &self->task, MT_SHARED, PAGES, 1);
	mt_region_touch(&region, MT_WRITTEN_HALF);
	ret = pread(disk, region.memory, BYTES, 0);
	EXPECT_TRUE(ret >= 0 || errno == EFAULT);
	for (at = 0; at < ret; at += 512)
		ASSERT_TRUE(is_block(region.memory + at, at / 512));
	for (at = (at + MT_PAGE - 1) / MT_PAGE; at < PAGES; at++)
		EXPECT_TRUE(mt_region_holds(&region,
					    region.memory + at * MT_PAGE, at,
					    1));
	EXPECT_TRUE(mt_region_source_intact(&region));
	close(disk);
}

/* ---- io_uring, MSG_ZEROCOPY, userfaultfd ---- */

TEST_F(mach, io_uring_fixed_buffer)
{
	struct mt_region region;

	FOR_EACH_KIND(&region, &self->task) {
		struct iovec vector = { region.memory, BYTES };
		struct io_uring_params params = { 0 };
		int ring = (int)syscall(SYS_io_uring_setup, 1, &params);

		if (ring < 0)
			SKIP(return, "no io_uring");
		EXPECT_KIND(refused_or_done(syscall(SYS_io_uring_register,
						    ring,
						    IORING_REGISTER_BUFFERS,
						    &vector, 1), 0, kind));
		close(ring);
		EXPECT_KIND(mt_region_intact(&region));
	}
}

static void connect_udp(int ends[2])
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t size = sizeof(address);
	int on = 1;

	ends[0] = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	ends[1] = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	mt_must(bind(ends[0], (struct sockaddr *)&address, size));
	mt_must(getsockname(ends[0], (struct sockaddr *)&address, &size));
	mt_must(connect(ends[1], (struct sockaddr *)&address, size));
	mt_must(setsockopt(ends[1], SOL_SOCKET, SO_ZEROCOPY, &on, sizeof(on)));
}

TEST_F(mach, zerocopy_send)
{
	struct mt_region region;
	char buffer[MT_PAGE];
	int ends[2];

	if (!mt_has_inet())
		SKIP(return, "no CONFIG_INET");
	connect_udp(ends);
	FOR_EACH_KIND(&region, &self->task) {
		ssize_t ret = send(ends[1], region.memory, MT_PAGE,
				   MSG_ZEROCOPY);

		EXPECT_KIND(refused_or_done(ret, MT_PAGE, kind));
		if (ret > 0) {
			EXPECT_EQ(ret, recv(ends[0], buffer, MT_PAGE, 0));
			EXPECT_KIND(mt_region_holds(&region, buffer, 0, 1));
		}
		/* And without the flag: always. */
		EXPECT_EQ((ssize_t)MT_PAGE, send(ends[1], region.memory,
						 MT_PAGE, 0));
		EXPECT_EQ((ssize_t)MT_PAGE, recv(ends[0], buffer, MT_PAGE, 0));
		EXPECT_KIND(mt_region_holds(&region, buffer, 0, 1));
	}
	close(ends[0]);
	close(ends[1]);
}

TEST_F(mach, userfaultfd)
{
	static const int modes[] = {
		UFFDIO_REGISTER_MODE_MISSING, UFFDIO_REGISTER_MODE_WP,
		UFFDIO_REGISTER_MODE_MINOR,
	};
	struct uffdio_api api = { .api = UFFD_API };
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	struct mt_region region;

	if (fd < 0)
		SKIP(return, "no userfaultfd");
	mt_must(ioctl(fd, UFFDIO_API, &api));
	FOR_EACH_KIND(&region, &self->task) {
		for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
			struct uffdio_register reg = {
				.range.start = (unsigned long)region.memory,
				.range.len = BYTES,
				.mode = modes[i],
			};

			EXPECT_EQ(-1, ioctl(fd, UFFDIO_REGISTER, &reg));
			EXPECT_EQ(EINVAL, errno);
		}
		EXPECT_KIND(mt_region_intact(&region));
	}
	close(fd);
}

/* As the source of a pager's copy it is a buffer as any. */
TEST_F(mach, userfaultfd_copies_from_it)
{
	struct uffdio_api api = { .api = UFFD_API };
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	struct mt_region region;

	if (fd < 0)
		SKIP(return, "no userfaultfd");
	mt_must(ioctl(fd, UFFDIO_API, &api));
	FOR_EACH_KIND(&region, &self->task) {
		char *target = mt_map(PAGES);
		struct uffdio_register reg = {
			.range.start = (unsigned long)target,
			.range.len = BYTES,
			.mode = UFFDIO_REGISTER_MODE_MISSING,
		};
		struct uffdio_copy copy = {
			.dst = (unsigned long)target,
			.src = (unsigned long)region.memory,
			.len = BYTES,
		};

		mt_must(ioctl(fd, UFFDIO_REGISTER, &reg));
		EXPECT_EQ(0, ioctl(fd, UFFDIO_COPY, &copy));
		EXPECT_KIND(mt_region_holds(&region, target, 0, PAGES));
		mt_unmap(target, BYTES);
	}
	close(fd);
}

TEST_HARNESS_MAIN
