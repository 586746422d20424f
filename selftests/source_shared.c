// SPDX-License-Identifier: GPL-2.0
/*
 * Memory that several processes share, as a source: copied at the send, for
 * each of them may write to it (spec 3.3; negative test N8).
 */
#include <fcntl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>

#include "lib/fixture.h"
#include "lib/source.h"

#define PAGES	16
#define BYTES	(PAGES * MT_PAGE)

static struct mt_source filled(char *memory)
{
	mt_check(memory != MAP_FAILED);
	return (struct mt_source) {
		.memory = memory,
		.bytes = BYTES,
		.want = mt_map_filled(PAGES, 1),
		.reasons = MT_REASON(FILE) | MT_REASON(EDGE),
	};
}

static void make_shared(struct mt_source *source, void *arg)
{
	(void)arg;
	*source = filled(mmap(NULL, BYTES, PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_ANONYMOUS, -1, 0));
	mt_fill(source->memory, BYTES, 1);
}

TEST_F(mach, S3_3_shared_anonymous)
{
	mt_source_begin();
	mt_source_all_ways(&self->task, make_shared, NULL);
}

static void make_unaligned(struct mt_source *source, void *arg)
{
	make_shared(source, arg);
	source->memory += 100;
	source->want += 100;
	source->bytes -= 300;
}

TEST_F(mach, S3_3_shared_anonymous_unaligned)
{
	mt_source_begin();
	mt_source_all_ways(&self->task, make_unaligned, NULL);
}

static void make_empty(struct mt_source *source, void *arg)
{
	(void)arg;
	*source = filled(mmap(NULL, BYTES, PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_ANONYMOUS, -1, 0));
	source->want = NULL;
}

TEST_F(mach, S3_3_shared_never_touched)
{
	mt_source_begin();
	mt_source_all_ways(&self->task, make_empty, NULL);
}

static void make_system_v(struct mt_source *source, void *arg)
{
	int id = shmget(IPC_PRIVATE, BYTES, IPC_CREAT | 0600);

	(void)arg;
	mt_check(id >= 0);
	*source = filled(shmat(id, NULL, 0));
	mt_must(shmctl(id, IPC_RMID, NULL));
	mt_fill(source->memory, BYTES, 1);
}

TEST_F(mach, S3_3_system_v)
{
	int id = shmget(IPC_PRIVATE, MT_PAGE, IPC_CREAT | 0600);

	if (id < 0)
		SKIP(return, "no System V shared memory");
	mt_must(shmctl(id, IPC_RMID, NULL));
	mt_source_begin();
	mt_source_all_ways(&self->task, make_system_v, NULL);
}

/* Both processes write to the shared memory: only they see it. */
TEST_F(mach, O2_shared_and_written_by_another_process)
{
	struct mt_source source;
	int down[2], up[2];
	char *received;
	pid_t pid;

	mt_source_begin();
	make_shared(&source, NULL);
	mt_must(pipe(down));
	mt_must(pipe(up));
	pid = mt_fork();
	if (pid == 0) {
		mt_await(down[0]);
		mt_fill(source.memory, BYTES, 2);
		mt_tell(up[1], 0);
		mt_await(down[0]);
		_exit(mt_holds(source.memory, BYTES, 3) ? 0 : 1);
	}
	received = mt_source_copy(&self->task, &source);
	mt_tell(down[1], 0);
	mt_await(up[0]);
	EXPECT_TRUE(mt_holds(source.memory, BYTES, 2));
	EXPECT_TRUE(mt_source_arrived(&source, received));
	mt_fill(source.memory, BYTES, 3);
	memset(received, 'r', BYTES);
	mt_tell(down[1], 0);
	EXPECT_EQ(0, mt_wait_pid(pid));
}

/* The others keep what one of them gives away. */
TEST_F(mach, O26_shared_and_moved)
{
	struct mt_source source;
	char *other, *received;
	int fd = memfd_create("shared", MFD_CLOEXEC);

	mt_source_begin();
	mt_must(ftruncate(fd, BYTES));
	source = filled(mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_SHARED,
			     fd, 0));
	other = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	mt_fill(source.memory, BYTES, 1);
	received = mt_source_move(&self->task, &source);
	memset(received, 'r', BYTES);
	EXPECT_TRUE(mt_source_arrived(&source, other));
	mt_fill(other, BYTES, 2);
	EXPECT_TRUE(mt_all(received, BYTES, 'r'));
}

/* ---- sealed files ---- */

/* arg: the seals; nothing writes to the file any more. */
static void make_sealed(struct mt_source *source, void *arg)
{
	int fd = memfd_create("sealed", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	char *want = mt_map_filled(PAGES, 1);

	mt_check(write(fd, want, BYTES) == BYTES);
	mt_must(fcntl(fd, F_ADD_SEALS, *(int *)arg));
	*source = filled(mmap(NULL, BYTES, PROT_READ, MAP_SHARED, fd, 0));
	close(fd);
}

TEST_F(mach, N8_sealed_file)
{
	static int seals[] = {
		F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE,
		F_SEAL_FUTURE_WRITE | F_SEAL_SHRINK,
	};

	mt_source_begin();
	for (size_t i = 0; i < ARRAY_SIZE(seals); i++)
		mt_source_all_ways(&self->task, make_sealed, &seals[i]);
}

/* The receiver writes to its copy of what nobody may write to. */
TEST_F(mach, N45_sealed_file_stays_as_it_is)
{
	int fd = memfd_create("sealed", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	char *want = mt_map_filled(PAGES, 1), *back = mt_map(PAGES);
	char *memory, *received;

	mt_source_begin();
	mt_check(write(fd, want, BYTES) == BYTES);
	mt_must(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
	for (int flags = MAP_SHARED; flags <= MAP_PRIVATE; flags++) {
		memory = mmap(NULL, BYTES, PROT_READ, flags, fd, 0);
		ASSERT_NE(MAP_FAILED, (void *)memory);
		received = mt_pass_memory(&self->task, memory, BYTES, 0);
		memset(received, 'r', BYTES);
		received = mt_move_memory(&self->task, memory, BYTES);
		memset(received, 'r', BYTES);
		mt_check(pread(fd, back, BYTES, 0) == BYTES);
		EXPECT_EQ(0, memcmp(want, back, BYTES));
	}
}

/* Nor does the kernel write there when a message is received into it. */
TEST_F(mach, N45_message_received_into_a_sealed_file)
{
	int fd = memfd_create("sealed", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	char *want = mt_map_filled(PAGES, 1), *back = mt_map(PAGES);
	struct mach_ioc_msg call = { .option = MACH_RCV_MSG, .rcv_size = 64 };
	__u32 port = mt_port(&self->task);

	mt_check(write(fd, want, BYTES) == BYTES);
	mt_must(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
	for (int flags = MAP_SHARED; flags <= MAP_PRIVATE; flags++) {
		call.msg = (unsigned long)mmap(NULL, BYTES, PROT_READ, flags,
					       fd, 0);
		call.rcv_name = port;
		mt_must(mt_send_id(&self->task, port, MACH_MSG_TYPE_COPY_SEND,
				   1));
		EXPECT_EQ(MACH_RCV_INVALID_DATA, mt_msg(&self->task, &call));
		mt_check(pread(fd, back, BYTES, 0) == BYTES);
		EXPECT_EQ(0, memcmp(want, back, BYTES));
	}
}

/* ---- huge pages of shared memory ---- */

#define ENABLED	"/sys/kernel/mm/transparent_hugepage/shmem_enabled"

static void make_shared_huge(struct mt_source *source, void *arg)
{
	char *memory = mmap(NULL, 2 * MT_HUGE, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	(void)arg;
	mt_check(memory != MAP_FAILED);
	memory += -(unsigned long)memory & (MT_HUGE - 1);
	mt_must(madvise(memory, MT_HUGE, MADV_HUGEPAGE));
	mt_fill(memory, MT_HUGE, 1);
	*source = filled(memory);
	source->bytes = MT_HUGE;
	source->want = mt_map_filled(512, 1);
}

TEST_F(mach, S3_3_shared_huge_page)
{
	struct mt_source source;
	bool huge;

	if (!mt_set_kernel(ENABLED, "advise"))
		SKIP(return, "no huge pages of shared memory");
	mt_source_begin();
	make_shared_huge(&source, NULL);
	huge = mt_smaps(source.memory, "ShmemPmdMapped:") > 0;
	if (huge)
		mt_source_all_ways(&self->task, make_shared_huge, NULL);
	mt_set_kernel(ENABLED, "never");
	if (!huge)
		SKIP(return, "no huge pages of shared memory");
}

TEST_HARNESS_MAIN
