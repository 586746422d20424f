// SPDX-License-Identifier: GPL-2.0
/*
 * libmach's vm_read, vm_write and vm_copy: snapshots, every result of every
 * card, and no crash whatever the address (spec 4; negative test N45).
 */
#include <fcntl.h>
#include <mach/mach.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "lib/fixture.h"

#define PAGES	8
#define BYTES	(PAGES * MT_PAGE)
/* More than a pipe holds. */
#define MANY	300
#define KERNEL	0xffff888000000000UL

static kern_return_t take(const void *address, vm_size_t size, char **data)
{
	mach_msg_type_number_t count = 77;
	vm_address_t copy = 77;
	kern_return_t kr;

	kr = vm_read(mach_task_self(), (vm_address_t)address, size, &copy,
		     &count);
	mt_check(kr ? copy == 77 && count == 77 : count == size);
	*data = (char *)copy;
	return kr;
}

static kern_return_t put(void *address, const void *data, vm_size_t size)
{
	return vm_write(mach_task_self(), (vm_address_t)address,
			(pointer_t)data, size);
}

static kern_return_t copy(void *to, const void *from, vm_size_t size)
{
	return vm_copy(mach_task_self(), (vm_address_t)from, size,
		       (vm_address_t)to);
}

static char *received(unsigned int seed)
{
	char *data;

	mt_must(take(mt_map_filled(PAGES, seed), BYTES, &data));
	return data;
}

/* A hole behind @pages of memory; larger than what may be mapped later. */
static char *before_a_hole(unsigned int pages)
{
	char *memory = mt_map(pages + 100);

	mt_unmap(memory + pages * MT_PAGE, 100 * MT_PAGE);
	mt_fill(memory, pages * MT_PAGE, 1);
	return memory;
}

/* Mapped and readable, for those who do not look: behind its file's end. */
static char *behind_the_end(void)
{
	int fd = memfd_create("short", MFD_CLOEXEC);
	char *memory;

	mt_must(ftruncate(fd, MT_PAGE));
	memory = mmap(NULL, 2 * MT_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED,
		      fd, 0);
	mt_check(memory != MAP_FAILED);
	return memory + MT_PAGE;
}

/* ---- vm_read ---- */

TEST_F(mach, read_is_a_snapshot)
{
	char *memory = mt_map_filled(PAGES, 1), *data;

	mt_share_all();
	ASSERT_EQ(KERN_SUCCESS, take(memory, BYTES, &data));
	EXPECT_NE(memory, data);
	mt_fill(memory, BYTES / 2, 2);
	EXPECT_TRUE(mt_holds(data, BYTES, 1));
	mt_fill(data, BYTES, 3);
	EXPECT_TRUE(mt_holds(memory, BYTES / 2, 2));
	EXPECT_EQ(KERN_SUCCESS, vm_deallocate(mach_task_self(),
					      (vm_address_t)data, BYTES));
	EXPECT_FALSE(mt_mapped(data));
}

TEST_F(mach, read_of_much_copies_nothing)
{
	char *memory, *data;

	mt_one_cpu(0);
	memory = mt_map_filled(MANY, 1);
	ASSERT_EQ(KERN_SUCCESS, take(memory, MANY * MT_PAGE, &data));
	mt_touch(data, MANY);
	EXPECT_EQ((unsigned long)MANY, mt_frames_shared(memory, data, MANY));
}

TEST_F(mach, read_of_odd_ranges)
{
	char *memory = mt_map_filled(PAGES, 1), *data;

	for (vm_size_t size = 1; size < 2 * MT_PAGE; size += 1111) {
		ASSERT_EQ(KERN_SUCCESS, take(memory + 4000, size, &data));
		EXPECT_EQ(0, memcmp(memory + 4000, data, size));
		/* Nothing of the neighbours. */
		EXPECT_EQ(0, data[-1]);
		mt_must(vm_deallocate(mach_task_self(), (vm_address_t)data,
				      size));
	}
}

TEST_F(mach, read_results)
{
	char *memory = mt_map_filled(PAGES, 1), *data, *none = mt_map(1);

	EXPECT_EQ(KERN_SUCCESS, take((void *)KERNEL, 0, &data));
	EXPECT_EQ(NULL, data);
	EXPECT_EQ(KERN_INVALID_ADDRESS, take(NULL, 1, &data));
	EXPECT_EQ(KERN_INVALID_ADDRESS, take((void *)KERNEL, 1, &data));
	EXPECT_EQ(KERN_INVALID_ADDRESS, take((void *)-MT_PAGE, 1, &data));
	EXPECT_EQ(KERN_INVALID_ADDRESS, take((void *)-1UL, 2, &data));
	EXPECT_EQ(KERN_INVALID_ADDRESS, take(before_a_hole(1), ~0U, &data));
	EXPECT_EQ(KERN_INVALID_ARGUMENT, take(memory, 1UL << 32, &data));
	EXPECT_EQ(KERN_INVALID_ADDRESS,
		  take(before_a_hole(2), 2 * MT_PAGE + 1, &data));
	mt_must(mprotect(none, MT_PAGE, PROT_NONE));
	EXPECT_EQ(KERN_PROTECTION_FAILURE, take(none, 1, &data));
	mt_must(mprotect(memory + MT_PAGE, MT_PAGE, PROT_NONE));
	EXPECT_EQ(KERN_PROTECTION_FAILURE, take(memory, BYTES, &data));
	EXPECT_EQ(KERN_SUCCESS, take(memory, MT_PAGE, &data));
	EXPECT_EQ(KERN_MEMORY_ERROR, take(behind_the_end(), 1, &data));
}

TEST_F(mach, read_of_secret_memory)
{
	int fd = (int)syscall(SYS_memfd_secret, 0);
	char *secret, *data;

	if (fd < 0)
		SKIP(return, "no memfd_secret");
	mt_must(ftruncate(fd, MT_PAGE));
	secret = mmap(NULL, MT_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		      0);
	if (secret == MAP_FAILED)
		SKIP(return, "no memfd_secret");
	secret[0] = 1;
	EXPECT_EQ(KERN_MEMORY_ERROR, take(secret, MT_PAGE, &data));
}

TEST_F(mach, read_without_room)
{
	char *memory = mt_map_filled(PAGES, 1), *data;
	__u64 objects = mt_live(&self->task, MT_LIVE(objects));

	mt_set_param("max_user_pages", PAGES - 1);
	EXPECT_EQ(KERN_RESOURCE_SHORTAGE, take(memory, BYTES, &data));
	mt_set_param("max_user_pages", 1000);
	EXPECT_EQ(KERN_SUCCESS, take(memory, BYTES, &data));
	EXPECT_TRUE(mt_live_becomes(&self->task, MT_LIVE(objects),
				    objects + 1));
}

/* ---- vm_write ---- */

TEST_F(mach, write_replaces_pages)
{
	char *memory = mt_map_filled(PAGES, 1), *data = mt_map_filled(2, 2);

	ASSERT_EQ(KERN_SUCCESS, put(memory + MT_PAGE, data, 2 * MT_PAGE));
	EXPECT_TRUE(mt_holds(memory, MT_PAGE, 1));
	EXPECT_TRUE(mt_holds(memory + MT_PAGE, 2 * MT_PAGE, 2));
	EXPECT_EQ(0, memcmp(memory + 3 * MT_PAGE,
			    (char *)mt_map_filled(PAGES, 1) + 3 * MT_PAGE,
			    5 * MT_PAGE));
	/* Ordinary memory it was and is. */
	EXPECT_FALSE(mt_vm_flag(memory + MT_PAGE, "io"));
}

TEST_F(mach, write_of_much)
{
	char *memory = mt_map(MANY), *data = mt_map_filled(MANY, 2);

	ASSERT_EQ(KERN_SUCCESS, put(memory, data, MANY * MT_PAGE));
	EXPECT_TRUE(mt_holds(memory, MANY * MT_PAGE, 2));
}

TEST_F(mach, write_to_received_memory)
{
	char *region = received(1), *data = mt_map_filled(PAGES, 2);

	EXPECT_EQ(KERN_SUCCESS, put(region, data, BYTES));
	EXPECT_TRUE(mt_holds(region, BYTES, 2));
	EXPECT_EQ(KERN_SUCCESS, put(region, received(3), BYTES));
	EXPECT_TRUE(mt_holds(region, BYTES, 3));
}

TEST_F(mach, write_to_shared_memory)
{
	char *memory = mmap(NULL, BYTES, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pid;

	ASSERT_NE(MAP_FAILED, (void *)memory);
	pid = fork();
	if (pid == 0)
		_exit(put(memory, mt_map_filled(PAGES, 2), BYTES));
	EXPECT_EQ(0, mt_wait_pid(pid));
	EXPECT_TRUE(mt_holds(memory, BYTES, 2));
}

TEST_F(mach, write_results)
{
	char *memory = mt_map_filled(PAGES, 1), *data = mt_map_filled(2, 2);

	EXPECT_EQ(KERN_SUCCESS, put((void *)KERNEL, (void *)1, 0));
	EXPECT_EQ(KERN_INVALID_ARGUMENT, put(memory + 1, data, MT_PAGE));
	EXPECT_EQ(KERN_INVALID_ARGUMENT, put(memory, data + 8, MT_PAGE));
	EXPECT_EQ(KERN_INVALID_ARGUMENT, put(memory, data, MT_PAGE - 1));
	EXPECT_EQ(MACH_SEND_INVALID_MEMORY,
		  put(memory, before_a_hole(1), 2 * MT_PAGE));
	EXPECT_EQ(MACH_SEND_INVALID_MEMORY,
		  put(memory, (void *)KERNEL, MT_PAGE));
	EXPECT_EQ(MACH_SEND_INVALID_MEMORY,
		  put(memory, behind_the_end(), MT_PAGE));
	EXPECT_EQ(KERN_INVALID_ADDRESS, put(NULL, data, MT_PAGE));
	EXPECT_EQ(KERN_INVALID_ADDRESS, put((void *)KERNEL, data, MT_PAGE));
	EXPECT_EQ(KERN_INVALID_ADDRESS,
		  put((void *)-MT_PAGE, data, 2 * MT_PAGE));
	EXPECT_EQ(KERN_MEMORY_ERROR, put(behind_the_end(), data, MT_PAGE));
	EXPECT_TRUE(mt_holds(memory, BYTES, 1));
}

/* What fails at the end has not begun. */
TEST_F(mach, write_all_or_nothing)
{
	char *hole = before_a_hole(1), *memory = mt_map_filled(2, 1);
	char *data = mt_map_filled(2, 2);

	EXPECT_EQ(KERN_INVALID_ADDRESS, put(hole, data, 2 * MT_PAGE));
	EXPECT_TRUE(mt_holds(hole, MT_PAGE, 1));
	mt_must(mprotect(memory + MT_PAGE, MT_PAGE, PROT_READ));
	EXPECT_EQ(KERN_PROTECTION_FAILURE, put(memory, data, 2 * MT_PAGE));
	EXPECT_TRUE(mt_holds(memory, 2 * MT_PAGE, 1));
}

/* The first obstacle counts. */
TEST_F(mach, write_to_a_hole_and_a_wall)
{
	char *memory = mt_map_filled(100, 1), *data = mt_map_filled(100, 2);

	mt_must(mprotect(memory + 99 * MT_PAGE, MT_PAGE, PROT_READ));
	mt_unmap(memory + MT_PAGE, 98 * MT_PAGE);
	EXPECT_EQ(KERN_INVALID_ADDRESS, put(memory, data, 100 * MT_PAGE));
	mt_must(mprotect(memory, MT_PAGE, PROT_READ));
	EXPECT_EQ(KERN_PROTECTION_FAILURE, put(memory, data, 100 * MT_PAGE));
}

/* ---- N45 ---- */

static int sealed_file(void)
{
	int fd = memfd_create("sealed", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	char *data = mt_map_filled(1, 1);

	mt_check(write(fd, data, MT_PAGE) == (ssize_t)MT_PAGE);
	mt_must(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK));
	return fd;
}

static void *map_file(int fd, int protection, int flags)
{
	void *memory = mmap(NULL, MT_PAGE, protection, flags, fd, 0);

	mt_check(memory != MAP_FAILED);
	return memory;
}

TEST_F(mach, N45_read_only_and_sealed_memory)
{
	int sealed = sealed_file();
	int program = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	char *targets[] = {
		mt_map_filled(1, 1),
		map_file(sealed, PROT_READ, MAP_SHARED),
		map_file(sealed, PROT_READ, MAP_PRIVATE),
		map_file(program, PROT_READ, MAP_SHARED),
		map_file(program, PROT_READ | PROT_EXEC, MAP_PRIVATE),
		received(1),
		(char *)((unsigned long)&put & -MT_PAGE),
	};
	char *data = mt_map_filled(1, 2), before[MT_PAGE];

	mt_must(mprotect(targets[0], MT_PAGE, PROT_READ));
	mt_must(mprotect(targets[5], MT_PAGE, PROT_READ));
	for (size_t i = 0; i < ARRAY_SIZE(targets); i++) {
		memcpy(before, targets[i], MT_PAGE);
		EXPECT_EQ(KERN_PROTECTION_FAILURE,
			  put(targets[i], data, MT_PAGE))
			TH_LOG("target %zu", i);
		EXPECT_EQ(KERN_PROTECTION_FAILURE,
			  copy(targets[i], data, MT_PAGE));
		EXPECT_EQ(0, memcmp(before, targets[i], MT_PAGE));
	}
}

/* A private mapping of sealed memory may be written; the file is not. */
TEST_F(mach, N45_private_mapping_of_sealed_memory)
{
	int fd = sealed_file();
	char *memory = map_file(fd, PROT_READ | PROT_WRITE, MAP_PRIVATE);

	EXPECT_EQ(KERN_SUCCESS, put(memory, mt_map_filled(1, 2), MT_PAGE));
	EXPECT_TRUE(mt_holds(memory, MT_PAGE, 2));
	EXPECT_TRUE(mt_holds(map_file(fd, PROT_READ, MAP_SHARED), MT_PAGE, 1));
}

/* ---- vm_copy ---- */

TEST_F(mach, copy_of_pages)
{
	char *from = mt_map_filled(MANY, 1), *to = mt_map(MANY);

	EXPECT_EQ(KERN_SUCCESS, copy(to, from, MANY * MT_PAGE));
	EXPECT_TRUE(mt_holds(to, MANY * MT_PAGE, 1));
	EXPECT_TRUE(mt_holds(from, MANY * MT_PAGE, 1));
}

TEST_F(mach, copy_that_overlaps)
{
	for (int pages = -3; pages <= 3; pages++) {
		char *memory = mt_map(MANY + 6);
		char *from = memory + 3 * MT_PAGE;
		char *to = from + pages * (long)MT_PAGE;

		mt_fill(from, MANY * MT_PAGE, 1);
		ASSERT_EQ(KERN_SUCCESS, copy(to, from, MANY * MT_PAGE));
		EXPECT_TRUE(mt_holds(to, MANY * MT_PAGE, 1));
		mt_unmap(memory, (MANY + 6) * MT_PAGE);
	}
}

TEST_F(mach, copy_of_received_memory)
{
	char *from = received(1), *to = received(2);

	EXPECT_EQ(KERN_SUCCESS, copy(to, from, BYTES));
	EXPECT_TRUE(mt_holds(to, BYTES, 1));
	mt_fill(to, BYTES, 3);
	EXPECT_TRUE(mt_holds(from, BYTES, 1));
}

TEST_F(mach, copy_results)
{
	char *from = mt_map_filled(2, 1), *to = mt_map_filled(2, 2);
	char *none = mt_map(1);

	mt_must(mprotect(none, MT_PAGE, PROT_NONE));
	EXPECT_EQ(KERN_SUCCESS, copy((void *)KERNEL, (void *)1, 0));
	EXPECT_EQ(KERN_INVALID_ARGUMENT, copy(to + 1, from, MT_PAGE));
	EXPECT_EQ(KERN_INVALID_ARGUMENT, copy(to, from + 1, MT_PAGE));
	EXPECT_EQ(KERN_INVALID_ARGUMENT, copy(to, from, MT_PAGE + 1));
	EXPECT_EQ(KERN_INVALID_ADDRESS, copy(to, NULL, MT_PAGE));
	EXPECT_EQ(KERN_INVALID_ADDRESS, copy(to, (void *)KERNEL, MT_PAGE));
	EXPECT_EQ(KERN_PROTECTION_FAILURE, copy(to, none, MT_PAGE));
	EXPECT_EQ(KERN_MEMORY_ERROR, copy(to, behind_the_end(), MT_PAGE));
	EXPECT_EQ(KERN_INVALID_ADDRESS, copy(NULL, from, MT_PAGE));
	EXPECT_EQ(KERN_INVALID_ADDRESS, copy((void *)KERNEL, from, MT_PAGE));
	EXPECT_EQ(KERN_INVALID_ADDRESS,
		  copy(before_a_hole(1), from, 2 * MT_PAGE));
	EXPECT_EQ(KERN_PROTECTION_FAILURE, copy(none, from, MT_PAGE));
	EXPECT_EQ(KERN_MEMORY_ERROR, copy(behind_the_end(), from, MT_PAGE));
	EXPECT_TRUE(mt_holds(to, 2 * MT_PAGE, 2));
	/* A source that cannot be, and sizes that cannot be counted. */
	EXPECT_EQ(KERN_INVALID_ADDRESS,
		  copy(to, before_a_hole(1), 1UL << 46));
	EXPECT_EQ(KERN_INVALID_ADDRESS, copy(to, from, -MT_PAGE));
}

/* ---- memory that comes and goes ---- */

struct churn {
	char *address;
	bool stop;
};

static void *come_and_go(void *arg)
{
	struct churn *churn = arg;

	for (int round = 0; !__atomic_load_n(&churn->stop, __ATOMIC_RELAXED);
	     round++) {
		int protection = round % 3 ? PROT_READ | PROT_WRITE :
					     PROT_READ;

		mmap(churn->address, BYTES, protection,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
		mt_sleep(1);
		munmap(churn->address + (round & 7) * MT_PAGE, MT_PAGE);
	}
	return NULL;
}

static bool is_expected(kern_return_t kr)
{
	return kr == KERN_SUCCESS || kr == KERN_INVALID_ADDRESS ||
	       kr == KERN_PROTECTION_FAILURE || kr == KERN_MEMORY_ERROR;
}

TEST_F_TIMEOUT(mach, memory_that_comes_and_goes, 120)
{
	struct churn churn = { .address = mt_map(PAGES) };
	char *data = mt_map_filled(PAGES, 1), *taken;
	pthread_t thread;
	int good = 0;

	mt_must(pthread_create(&thread, NULL, come_and_go, &churn));
	for (int round = 0; round < 200; round++) {
		kern_return_t kr = put(churn.address, data, BYTES);

		EXPECT_TRUE(is_expected(kr)) TH_LOG("write %d", kr);
		good += !kr;
		kr = copy(data, churn.address, BYTES);
		EXPECT_TRUE(is_expected(kr)) TH_LOG("copy %d", kr);
		good += !kr;
		kr = take(churn.address, BYTES, &taken);
		EXPECT_TRUE(is_expected(kr)) TH_LOG("read %d", kr);
		if (kr == KERN_SUCCESS)
			mt_unmap(taken, BYTES);
	}
	__atomic_store_n(&churn.stop, true, __ATOMIC_RELAXED);
	mt_must(pthread_join(thread, NULL));
	TH_LOG("%d of 400 succeeded", good);
}

/* No descriptor is left behind, and none is needed to read. */
TEST_F(mach, descriptors)
{
	char *from = mt_map_filled(PAGES, 1), *to = mt_map(PAGES), *data;
	int first, again;

	mt_check(mach_task_self() != MACH_PORT_NULL);
	first = dup(0);
	close(first);
	for (int round = 0; round < 50; round++)
		ASSERT_EQ(KERN_SUCCESS, copy(to, from, BYTES));
	EXPECT_EQ(KERN_INVALID_ADDRESS, copy(NULL, from, BYTES));
	EXPECT_EQ(first, again = dup(0));
	close(again);
	while (dup(0) >= 0)
		;
	EXPECT_EQ(KERN_SUCCESS, take(from, BYTES, &data));
	EXPECT_NE(KERN_SUCCESS, copy(to, from, BYTES));
	EXPECT_NE(KERN_SUCCESS, put(to, from, BYTES));
}

TEST_HARNESS_MAIN
