// SPDX-License-Identifier: GPL-2.0
/*
 * libmach's calls on the memory of another process's task: what they read and
 * write, where they must not, and who may (spec 4; 6.40, 6.45).
 */
#include <errno.h>
#include <fcntl.h>
#include <mach/mach.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/fixture.h"

#define PAGES	8
#define BYTES	(PAGES * MT_PAGE)

/* What the other process has; all filled, each with a seed of its own. */
enum { ORDINARY, READ_ONLY, NO_ACCESS, RECEIVED, SHARED_FILE, REGIONS };

struct target {
	mach_port_t task;
	pid_t pid;
	vm_address_t at[REGIONS];
	int to;			/* closing it ends the process */
};

static void *map_file(void)
{
	int fd = memfd_create("file", MFD_CLOEXEC);
	void *mapped;

	mt_check(fd >= 0 && !ftruncate(fd, BYTES));
	mapped = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	mt_check(mapped != MAP_FAILED);
	mt_fill(mapped, BYTES, SHARED_FILE);
	mprotect(mapped, BYTES, PROT_READ);
	return mapped;
}

/* Each with a hole behind it, made last: a new mapping would fill it. */
static void make_regions(vm_address_t at[REGIONS])
{
	struct mt_task task;
	void *region[REGIONS], *sent;

	for (int i = 0; i < SHARED_FILE; i++) {
		region[i] = mt_map(PAGES + 1);
		mt_fill(region[i], BYTES, (unsigned int)i);
	}
	mt_open(&task);
	sent = region[RECEIVED];
	region[RECEIVED] = mt_pass_memory(&task, sent, BYTES, 0);
	region[SHARED_FILE] = map_file();
	mprotect(region[READ_ONLY], BYTES, PROT_READ);
	mprotect(region[NO_ACCESS], BYTES, PROT_NONE);
	for (int i = 0; i < RECEIVED; i++)
		munmap((char *)region[i] + BYTES, MT_PAGE);
	mt_unmap(sent, BYTES + MT_PAGE);
	for (int i = 0; i < REGIONS; i++)
		at[i] = (vm_address_t)region[i];
}

static void be_target(int from, int to)
{
	vm_address_t at[REGIONS];
	int fd = mach_device_fd();
	char byte;

	mt_share_all();
	make_regions(at);
	mt_tell(to, (__u64)fd);
	for (int i = 0; i < REGIONS; i++)
		mt_tell(to, at[i]);
	while (read(from, &byte, 1) > 0)
		;
	_exit(0);
}

static mach_port_t task_right(pid_t pid, int fd)
{
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	int copy = (int)syscall(SYS_pidfd_getfd, pidfd, fd, 0);
	mach_port_t task;

	mt_check(pidfd >= 0 && copy >= 0);
	mt_must(mach_task_for_file(copy, &task));
	close(copy);
	close(pidfd);
	return task;
}

static void start_target(struct target *target)
{
	int down[2], up[2];
	__u64 fd;

	mt_must(pipe2(down, O_CLOEXEC));
	mt_must(pipe2(up, O_CLOEXEC));
	target->pid = mt_fork();
	if (!target->pid) {
		close(down[1]);
		be_target(down[0], up[1]);
	}
	close(down[0]);
	fd = mt_await(up[0]);
	for (int i = 0; i < REGIONS; i++)
		target->at[i] = mt_await(up[0]);
	target->task = task_right(target->pid, (int)fd);
	target->to = down[1];
}

static void end_target(struct target *target)
{
	close(target->to);
	mt_must(mt_wait_pid(target->pid));
}

static kern_return_t get(struct target *target, vm_address_t address,
			 vm_size_t size, char **data)
{
	mach_msg_type_number_t count = 0;
	pointer_t at = 0;
	kern_return_t kr = vm_read(target->task, address, size, &at, &count);

	if (!kr)
		mt_check(count == size);
	*data = (char *)at;
	return kr;
}

/* Does the target's region hold what it was filled with? */
static bool holds(struct target *target, int region, unsigned int seed)
{
	char *data;
	bool same;

	mt_must(get(target, target->at[region], BYTES, &data));
	same = mt_holds(data, BYTES, seed);
	mt_unmap(data, BYTES);
	return same;
}

TEST_F(mach, read_what_the_task_may_read)
{
	struct target target;
	char *data;

	start_target(&target);
	EXPECT_TRUE(holds(&target, ORDINARY, ORDINARY));
	EXPECT_TRUE(holds(&target, READ_ONLY, READ_ONLY));
	EXPECT_TRUE(holds(&target, RECEIVED, RECEIVED));
	EXPECT_TRUE(holds(&target, SHARED_FILE, SHARED_FILE));
	/* Any alignment; the same place in the page. */
	ASSERT_EQ(KERN_SUCCESS, get(&target, target.at[RECEIVED] + 5000, 100,
				    &data));
	EXPECT_EQ(5000 % MT_PAGE, (unsigned long)data % MT_PAGE);
	EXPECT_EQ(KERN_SUCCESS, vm_deallocate(mach_task_self(),
					      (vm_address_t)data, 100));
	EXPECT_EQ(KERN_SUCCESS, get(&target, target.at[ORDINARY], 0, &data));
	end_target(&target);
}

TEST_F(mach, read_errors)
{
	struct target target;
	char *data = NULL;

	start_target(&target);
	EXPECT_EQ(KERN_PROTECTION_FAILURE,
		  get(&target, target.at[NO_ACCESS], BYTES, &data));
	EXPECT_EQ(KERN_INVALID_ADDRESS,
		  get(&target, target.at[ORDINARY], BYTES + 1, &data));
	EXPECT_EQ(KERN_INVALID_ADDRESS, get(&target, 0x1000, 1, &data));
	EXPECT_EQ(KERN_INVALID_ADDRESS, get(&target, ~0UL - 1, 10, &data));
	EXPECT_EQ(KERN_INVALID_ADDRESS, get(&target, 1UL << 63, 10, &data));
	EXPECT_EQ(NULL, data);
	end_target(&target);
}

static kern_return_t put(struct target *target, int region, void *data)
{
	return vm_write(target->task, target->at[region], (pointer_t)data,
			BYTES);
}

TEST_F(mach, write_where_the_task_may_write)
{
	char *data = mt_map_filled(PAGES, 77), *none = mt_map(PAGES);
	struct target target;

	start_target(&target);
	EXPECT_EQ(KERN_SUCCESS, put(&target, ORDINARY, data));
	EXPECT_TRUE(holds(&target, ORDINARY, 77));
	EXPECT_EQ(KERN_SUCCESS, put(&target, RECEIVED, data));
	EXPECT_TRUE(holds(&target, RECEIVED, 77));
	/* A debugger could: we must not. */
	EXPECT_EQ(KERN_PROTECTION_FAILURE, put(&target, READ_ONLY, data));
	EXPECT_TRUE(holds(&target, READ_ONLY, READ_ONLY));
	EXPECT_EQ(KERN_PROTECTION_FAILURE, put(&target, SHARED_FILE, data));
	EXPECT_TRUE(holds(&target, SHARED_FILE, SHARED_FILE));
	EXPECT_EQ(KERN_PROTECTION_FAILURE, put(&target, NO_ACCESS, data));
	EXPECT_EQ(KERN_INVALID_ADDRESS,
		  vm_write(target.task, target.at[ORDINARY] + MT_PAGE,
			   (pointer_t)data, BYTES));
	EXPECT_TRUE(holds(&target, ORDINARY, 77));
	EXPECT_EQ(KERN_INVALID_ARGUMENT,
		  vm_write(target.task, target.at[ORDINARY] + 8,
			   (pointer_t)data, MT_PAGE));
	/* The caller's own memory is bad. */
	mprotect(none, BYTES, PROT_NONE);
	EXPECT_EQ(MACH_SEND_INVALID_MEMORY, put(&target, ORDINARY, none));
	end_target(&target);
}

TEST_F(mach, copy_within_the_task)
{
	struct target target;
	vm_address_t ordinary;

	start_target(&target);
	ordinary = target.at[ORDINARY];
	EXPECT_EQ(KERN_SUCCESS, vm_copy(target.task, target.at[READ_ONLY],
					BYTES, ordinary));
	EXPECT_TRUE(holds(&target, ORDINARY, READ_ONLY));
	EXPECT_EQ(KERN_PROTECTION_FAILURE,
		  vm_copy(target.task, ordinary, BYTES, target.at[READ_ONLY]));
	EXPECT_EQ(KERN_PROTECTION_FAILURE,
		  vm_copy(target.task, target.at[NO_ACCESS], BYTES, ordinary));
	EXPECT_EQ(KERN_INVALID_ADDRESS,
		  vm_copy(target.task, ordinary, BYTES, ordinary + MT_PAGE));
	EXPECT_TRUE(holds(&target, ORDINARY, READ_ONLY));
	end_target(&target);
}

TEST_F(mach, region_of_the_task)
{
	struct target target;
	memory_object_name_t object;
	vm_prot_t current, maximum;
	vm_inherit_t inheritance;
	vm_address_t address;
	vm_offset_t offset;
	boolean_t shared;
	vm_size_t size;

	start_target(&target);
	address = target.at[READ_ONLY] + MT_PAGE;
	ASSERT_EQ(KERN_SUCCESS,
		  vm_region(target.task, &address, &size, &current, &maximum,
			    &inheritance, &shared, &object, &offset));
	EXPECT_EQ(target.at[READ_ONLY], address);
	EXPECT_EQ(BYTES, size);
	EXPECT_EQ(VM_PROT_READ, current);
	EXPECT_EQ(VM_PROT_ALL, maximum);
	EXPECT_EQ(VM_INHERIT_COPY, inheritance);
	EXPECT_FALSE(shared);
	address = ~0UL << 12;
	EXPECT_EQ(KERN_NO_SPACE,
		  vm_region(target.task, &address, &size, &current, &maximum,
			    &inheritance, &shared, &object, &offset));
	end_target(&target);
}

TEST_F(mach, what_the_task_is)
{
	struct task_basic_info basic;
	struct task_events_info events;
	struct target target;
	mach_msg_type_number_t count = TASK_BASIC_INFO_COUNT;

	start_target(&target);
	EXPECT_EQ(KERN_SUCCESS, task_info(target.task, TASK_BASIC_INFO,
					  (task_info_t)&basic, &count));
	EXPECT_EQ(TASK_BASIC_INFO_COUNT, count);
	EXPECT_GT(basic.virtual_size, basic.resident_size);
	EXPECT_GT(basic.resident_size, 0UL);
	EXPECT_GT(basic.creation_time64.seconds, 0);
	count = TASK_EVENTS_INFO_COUNT;
	EXPECT_EQ(KERN_SUCCESS, task_info(target.task, TASK_EVENTS_INFO,
					  (task_info_t)&events, &count));
	EXPECT_GT(events.faults, 0UL);
	end_target(&target);
}

/* A task dies a moment after its process, and is no task any more then. */
static void until_dead(mach_port_t task)
{
	mach_port_type_t type = MACH_PORT_TYPE_NONE;

	while (type != MACH_PORT_TYPE_DEAD_NAME) {
		mt_sleep(1);
		mt_must(mach_port_type(mach_task_self(), task, &type));
	}
}

/* A right that outlived its task, and one for something else. */
TEST_F(mach, no_task_any_more)
{
	mach_msg_type_number_t count;
	struct target target;
	mach_port_t host;
	pointer_t data;
	char *none;
	int status;

	start_target(&target);
	host = mach_host_self();
	EXPECT_EQ(KERN_SUCCESS, task_terminate(target.task));
	mt_check(waitpid(target.pid, &status, 0) == target.pid);
	EXPECT_TRUE(WIFSIGNALED(status));
	EXPECT_EQ(SIGKILL, WTERMSIG(status));
	until_dead(target.task);
	EXPECT_EQ(MACH_SEND_INVALID_DEST,
		  get(&target, target.at[ORDINARY], 1, &none));
	EXPECT_EQ(MACH_SEND_INVALID_DEST, task_terminate(target.task));
	EXPECT_EQ(KERN_INVALID_TASK, vm_read(host, 0x1000, 1, &data, &count));
	EXPECT_EQ(KERN_INVALID_TASK, task_terminate(host));
}

/*
 * Who has the right and may not trace the process: a registered port carries
 * it into a child that is another user.
 */
static void be_nobody(struct target *target)
{
	mach_msg_type_number_t count;
	mach_port_t *ports;
	struct target seen = *target;
	char *data;

	mt_must(mach_ports_lookup(mach_task_self(), &ports, &count));
	seen.task = ports[0];
	mt_must(setresgid(65534, 65534, 65534));
	mt_must(setresuid(65534, 65534, 65534));
	mt_check(get(&seen, seen.at[ORDINARY], 1, &data) == KERN_NO_ACCESS);
	mt_check(vm_copy(seen.task, seen.at[ORDINARY], MT_PAGE,
			 seen.at[ORDINARY]) == KERN_NO_ACCESS);
	mt_check(put(&seen, ORDINARY, mt_map_filled(PAGES, 1)) ==
		 KERN_NO_ACCESS);
	mt_check(task_terminate(seen.task) == KERN_NO_ACCESS);
	_exit(0);
}

TEST_F(mach, only_who_may_trace)
{
	struct target target;
	pid_t child;

	start_target(&target);
	mt_must(mach_ports_register(mach_task_self(), &target.task, 1));
	child = fork();
	if (!child)
		be_nobody(&target);
	EXPECT_EQ(0, mt_wait_pid(child));
	EXPECT_TRUE(holds(&target, ORDINARY, ORDINARY));
	mt_must(mach_ports_register(mach_task_self(), NULL, 0));
	end_target(&target);
}

TEST_HARNESS_MAIN
