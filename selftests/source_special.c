// SPDX-License-Identifier: GPL-2.0
/*
 * Memory that the kernel or a driver put there, as a source: copied when it
 * consists of pages, refused when not (spec 3.3).
 */
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/io_uring.h>
#include <linux/perf_event.h>
#include <net/if.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "lib/fixture.h"
#include "lib/receiver.h"
#include "lib/source.h"

/* Refused or copied; which of them depends on the kernel. */
static bool refused(const struct mt_task *task, const struct mt_source *source)
{
	static const __u64 flags[] = { 0, MACH_MSG_DESC_DEALLOCATE };
	__u32 port = mt_port(task);

	if (!mt_vm_flag(source->memory, "io") &&
	    !mt_vm_flag(source->memory, "pf"))
		return false;
	for (int i = 0; i < 2; i++)
		mt_check(mt_send_memory(task, port, MACH_MSG_TYPE_COPY_SEND,
					source->memory, source->bytes,
					flags[i]) ==
			 MACH_SEND_INVALID_MEMORY);
	mt_check(mt_empty(task, port));
	mt_check(mt_mapped(source->memory));
	return true;
}

/* Its content is what it is now. */
static struct mt_source source_at(void *memory, unsigned long bytes)
{
	char *want = mt_map(bytes / MT_PAGE);

	memcpy(want, memory, bytes);
	return (struct mt_source) {
		.memory = memory,
		.bytes = bytes,
		.want = want,
		.reasons = MT_REASON(FILE) | MT_REASON(SPECIAL),
	};
}

TEST_F(mach, S3_3_vdso)
{
	void *vdso = (void *)getauxval(AT_SYSINFO_EHDR);
	struct mt_source source;
	pid_t pid;

	if (!vdso)
		SKIP(return, "no vdso");
	mt_source_begin();
	source = source_at(vdso, mt_smaps(vdso, "Size:") * 1024);
	if (refused(&self->task, &source))
		return;
	mt_source_apart(&source, mt_source_copy(&self->task, &source));
	/* A process may give its own away, and has none then. */
	pid = mt_fork();
	if (pid == 0) {
		struct mt_task own;
		char *received;

		mt_open(&own);
		received = mt_source_move(&own, &source);
		memset(received, 'r', MT_PAGE);
		_exit(0);
	}
	EXPECT_EQ(0, mt_wait_pid(pid));
	EXPECT_TRUE(mt_source_arrived(&source, source.memory));
}

/* munmap(2) refuses to take a part of it, and so does a move. */
TEST_F(mach, S3_3_vdso_moved_in_part)
{
	void *vdso = (void *)getauxval(AT_SYSINFO_EHDR);
	__u32 port = mt_port(&self->task);
	struct mt_source source;

	if (!vdso || mt_smaps(vdso, "Size:") < 8)
		SKIP(return, "no vdso, or it has one page only");
	mt_source_begin();
	source = source_at(vdso, MT_PAGE);
	EXPECT_EQ(MACH_SEND_INVALID_MEMORY,
		  mt_send_memory(&self->task, port, MACH_MSG_TYPE_COPY_SEND,
				 vdso, MT_PAGE, MACH_MSG_DESC_DEALLOCATE));
	EXPECT_TRUE(mt_source_arrived(&source, vdso));
	EXPECT_TRUE(mt_empty(&self->task, port));
}

TEST_F(mach, S3_3_perf_buffer)
{
	struct perf_event_attr attributes = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attributes),
		.config = PERF_COUNT_SW_DUMMY,
		.disabled = 1,
	};
	int fd = syscall(SYS_perf_event_open, &attributes, 0, -1, -1,
			 PERF_FLAG_FD_CLOEXEC);
	struct mt_source source;
	void *memory;

	if (fd < 0)
		SKIP(return, "no performance events");
	memory = mmap(NULL, 3 * MT_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED,
		      fd, 0);
	if (memory == MAP_FAILED)
		SKIP(return, "no buffer for performance events");
	mt_source_begin();
	source = source_at(memory, 3 * MT_PAGE);
	if (refused(&self->task, &source))
		return;
	memset(mt_source_copy(&self->task, &source), 'r', 3 * MT_PAGE);
	EXPECT_TRUE(mt_source_arrived(&source, source.memory));
	mt_source_move(&self->task, &source);
}

static void *map_io_uring(void)
{
	struct io_uring_params params = { 0 };
	int fd = syscall(SYS_io_uring_setup, 8, &params);
	void *memory;

	if (fd < 0)
		return NULL;
	memory = mmap(NULL, MT_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		      IORING_OFF_SQES);
	return memory == MAP_FAILED ? NULL : memory;
}

TEST_F(mach, S3_3_io_uring_queue)
{
	void *memory = map_io_uring();
	struct mt_source source;

	if (!memory)
		SKIP(return, "no io_uring");
	mt_source_begin();
	source = source_at(memory, MT_PAGE);
	if (refused(&self->task, &source))
		return;
	mt_source_apart(&source, mt_source_copy(&self->task, &source));
	source = source_at(memory, MT_PAGE);
	mt_source_move(&self->task, &source);
}

TEST_F(mach, S3_3_aio_ring)
{
	struct mt_source source;
	unsigned long ring = 0;

	if (syscall(SYS_io_setup, 8, &ring))
		SKIP(return, "no aio");
	mt_source_begin();
	source = source_at((void *)ring, MT_PAGE);
	if (refused(&self->task, &source))
		return;
	memset(mt_source_copy(&self->task, &source), 'r', MT_PAGE);
	EXPECT_TRUE(mt_source_arrived(&source, source.memory));
	mt_source_move(&self->task, &source);
}

/* ---- a buffer that the kernel fills while it is sent ---- */

#define FRAMES		2

/* A ring for what the loopback device sends; NULL: not here. */
static struct tpacket_hdr *map_packets(void)
{
	struct tpacket_req ring = {
		.tp_block_size = MT_PAGE,
		.tp_block_nr = FRAMES,
		.tp_frame_size = MT_PAGE,
		.tp_frame_nr = FRAMES,
	};
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = if_nametoindex("lo"),
	};
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL));
	void *memory;

	if (fd < 0 || setsockopt(fd, SOL_PACKET, PACKET_RX_RING, &ring,
				 sizeof(ring)))
		return NULL;
	memory = mmap(NULL, FRAMES * MT_PAGE, PROT_READ | PROT_WRITE,
		      MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED ||
	    bind(fd, (struct sockaddr *)&address, sizeof(address)))
		return NULL;
	return memory;
}

static void send_packet(const struct mt_source *source)
{
	volatile struct tpacket_hdr *frame = (void *)source->memory;
	struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_port = htons(9),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	mt_check(sendto(fd, "packet", 6, 0, (struct sockaddr *)&to,
			sizeof(to)) == 6);
	close(fd);
	while (!(frame->tp_status & TP_STATUS_USER))
		mt_sleep(1);
}

TEST_F(mach, S3_3_packet_ring)
{
	struct tpacket_hdr *frames = map_packets();
	struct mt_source source;
	char *received;

	if (!frames || !mt_has_inet())
		SKIP(return, "no packet sockets, or no packets");
	mt_source_begin();
	source = source_at(frames, FRAMES * MT_PAGE);
	if (refused(&self->task, &source))
		return;
	received = mt_source_copy(&self->task, &source);
	mt_source_in_flight(&self->task, &source, send_packet);
	EXPECT_TRUE(mt_source_arrived(&source, received));
	EXPECT_NE(0, memcmp(source.want, source.memory, source.bytes));
	/* A kernel that writes to a ring that is no longer mapped here. */
	source = source_at(frames, FRAMES * MT_PAGE);
	mt_source_move(&self->task, &source);
}

TEST_HARNESS_MAIN
