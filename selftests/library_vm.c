// SPDX-License-Identifier: GPL-2.0
/*
 * libmach's calls on the own address space: vm_allocate, vm_map, vm_protect,
 * vm_inherit, vm_region, vm_wire, vm_statistics, every result of every card
 * (spec 4).  Reading and writing are in library_vm_data.c.
 */
#include <fcntl.h>
#include <mach/gnumach.h>
#include <mach/mach.h>
#include <mach/mach_host.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "lib/fixture.h"

#define PAGES	8
#define BYTES	(PAGES * MT_PAGE)
/* No user memory: the kernel's half of the address space. */
#define KERNEL	0xffff888000000000UL

static vm_address_t allocate(vm_size_t bytes)
{
	vm_address_t address;

	mt_must(vm_allocate(mach_task_self(), &address, bytes, TRUE));
	return address;
}

static bool protection_is(vm_address_t address, const char *wanted)
{
	char protection[5];

	mt_protection((void *)address, protection);
	if (strcmp(protection, wanted))
		fprintf(stderr, "# protection %s, not %s\n", protection,
			wanted);
	return !strcmp(protection, wanted);
}

/* vm_map of the null object with everything else as usual. */
static kern_return_t map(vm_address_t *address, vm_size_t size,
			 vm_address_t mask, boolean_t anywhere)
{
	return vm_map(mach_task_self(), address, size, mask, anywhere,
		      MEMORY_OBJECT_NULL, 0, FALSE, VM_PROT_DEFAULT,
		      VM_PROT_ALL, VM_INHERIT_DEFAULT);
}

static vm_address_t map_for(vm_inherit_t inheritance)
{
	vm_address_t address = 0;

	mt_must(vm_map(mach_task_self(), &address, BYTES, 0, TRUE,
		       MEMORY_OBJECT_NULL, 0, FALSE, VM_PROT_DEFAULT,
		       VM_PROT_ALL, inheritance));
	return address;
}

/* ---- the task argument, the same for all ---- */

static kern_return_t call(int which, mach_port_t task)
{
	vm_address_t address = 0x10000;
	memory_object_name_t object;
	vm_prot_t current, maximum;
	vm_inherit_t inheritance;
	vm_statistics_data_t statistics;
	vm_size_t size;
	mach_msg_type_number_t count;
	vm_offset_t offset;
	boolean_t shared;

	switch (which) {
	case 0:	return vm_allocate(task, &address, 0, TRUE);
	case 1:	return vm_deallocate(task, address, 0);
	case 2:	return vm_map(task, &address, 1, 0, TRUE, 0, 0, FALSE, 3, 7,
			      1);
	case 3:	return vm_protect(task, address, 0, FALSE, VM_PROT_READ);
	case 4:	return vm_inherit(task, address, 0, VM_INHERIT_COPY);
	case 5:	return vm_region(task, &address, &size, &current, &maximum,
				 &inheritance, &shared, &object, &offset);
	case 6:	return vm_read(task, address, 0, &address, &count);
	case 7:	return vm_write(task, address, 0, 0);
	case 8:	return vm_copy(task, address, 0, 0);
	case 9:	return vm_statistics(task, &statistics);
	case 10: return vm_wire(mach_host_self(), task, address, 0, 1);
	case 11: return vm_wire_all(mach_host_self(), task, VM_WIRE_NONE);
	default: return -1;
	}
}

#define CALLS	12

/* Another task is what another process's memory is for: some can. */
static kern_return_t for_another(int which)
{
	switch (which) {
	case 5 ... 9:
		return KERN_SUCCESS;
	default:
		return KERN_FAILURE;
	}
}

TEST_F(mach, task_argument)
{
	mach_port_t own = mach_task_self(), host = mach_host_self();
	mach_port_t other, dead, receive;

	mt_must(mach_task_for_file(self->task.fd, &other));
	mt_must(mach_port_allocate(own, MACH_PORT_RIGHT_DEAD_NAME, &dead));
	mt_must(mach_port_allocate(own, MACH_PORT_RIGHT_RECEIVE, &receive));
	for (int which = 0; which < CALLS; which++) {
		EXPECT_EQ(KERN_SUCCESS, call(which, own))
			TH_LOG("call %d", which);
		EXPECT_EQ(for_another(which), call(which, other))
			TH_LOG("call %d", which);
		EXPECT_EQ(MACH_SEND_INVALID_DEST, call(which, MACH_PORT_NULL));
		EXPECT_EQ(MACH_SEND_INVALID_DEST, call(which, MACH_PORT_DEAD));
		EXPECT_EQ(MACH_SEND_INVALID_DEST, call(which, MT_UNUSED));
		EXPECT_EQ(MACH_SEND_INVALID_DEST, call(which, dead));
		EXPECT_EQ(MACH_SEND_INVALID_DEST, call(which, receive));
		EXPECT_EQ(KERN_INVALID_TASK, call(which, host));
	}
}

/* ---- vm_allocate, vm_deallocate ---- */

TEST_F(mach, allocate_results)
{
	mach_port_t task = mach_task_self();
	vm_address_t address = allocate(3 * MT_PAGE), other;

	EXPECT_TRUE(protection_is(address, "rw-p"));
	other = address + MT_PAGE + 5;
	EXPECT_EQ(KERN_NO_SPACE, vm_allocate(task, &other, 1, FALSE));
	EXPECT_EQ(address + MT_PAGE + 5, other);
	/* Half of it is free: nothing is taken. */
	mt_must(vm_deallocate(task, address + 2 * MT_PAGE, MT_PAGE));
	other = address + MT_PAGE;
	EXPECT_EQ(KERN_NO_SPACE, vm_allocate(task, &other, 2 * MT_PAGE, FALSE));
	EXPECT_FALSE(mt_mapped((void *)(address + 2 * MT_PAGE)));
	EXPECT_EQ(KERN_INVALID_ARGUMENT,
		  vm_allocate(task, &other, ~0UL, TRUE));
	EXPECT_EQ(KERN_NO_SPACE, vm_allocate(task, &other, 1UL << 47, TRUE));
	other = KERNEL;
	EXPECT_EQ(KERN_INVALID_ADDRESS, vm_allocate(task, &other, 1, FALSE));
}

TEST_F(mach, deallocate_results)
{
	mach_port_t task = mach_task_self();
	vm_address_t address = allocate(3 * MT_PAGE);

	mt_must(vm_deallocate(task, address + MT_PAGE, 1));
	EXPECT_EQ(KERN_SUCCESS, vm_deallocate(task, address, 3 * MT_PAGE));
	EXPECT_EQ(KERN_SUCCESS, vm_deallocate(task, address, 3 * MT_PAGE));
	EXPECT_EQ(KERN_INVALID_ADDRESS, vm_deallocate(task, ~0UL - 10, 20));
	EXPECT_EQ(KERN_INVALID_ADDRESS, vm_deallocate(task, KERNEL, MT_PAGE));
}

/* ---- vm_map ---- */

TEST_F(mach, map_is_allocate_and_more)
{
	mach_port_t task = mach_task_self();
	vm_address_t address = 77, other;

	ASSERT_EQ(KERN_SUCCESS, map(&address, MT_PAGE + 1, 0, TRUE));
	EXPECT_EQ(0UL, address % MT_PAGE);
	EXPECT_TRUE(mt_zero((void *)address, 2 * MT_PAGE));
	EXPECT_TRUE(protection_is(address, "rw-p"));
	mt_must(vm_deallocate(task, address, 2 * MT_PAGE));
	other = address + 9;
	EXPECT_EQ(KERN_SUCCESS, map(&other, 1, 0, FALSE));
	EXPECT_EQ(address, other);
	EXPECT_EQ(KERN_NO_SPACE, map(&other, 1, 0, FALSE));
	other = KERNEL;
	EXPECT_EQ(KERN_INVALID_ADDRESS, map(&other, 1, 0, FALSE));
	EXPECT_EQ(KERN_SUCCESS,
		  vm_map(task, &other, MT_PAGE, 0, TRUE, MACH_PORT_DEAD, 5,
			 TRUE, VM_PROT_READ | VM_PROT_EXECUTE, VM_PROT_ALL,
			 VM_INHERIT_DEFAULT));
	EXPECT_TRUE(protection_is(other, "r-xp"));
}

TEST_F(mach, map_refuses_bad_arguments)
{
	mach_port_t task = mach_task_self(), port = mach_reply_port();
	vm_address_t address = 0;

	EXPECT_EQ(KERN_INVALID_ARGUMENT, map(&address, 0, 0, TRUE));
	EXPECT_EQ(KERN_INVALID_ARGUMENT, map(&address, ~0UL, 0, TRUE));
	EXPECT_EQ(KERN_INVALID_ARGUMENT,
		  vm_map(task, &address, 1, 0, TRUE, port, 0, FALSE, 3, 7, 1));
	EXPECT_EQ(KERN_INVALID_ARGUMENT,
		  vm_map(task, &address, 1, 0, TRUE, 0, 0, FALSE, 8, 7, 1));
	EXPECT_EQ(KERN_INVALID_ARGUMENT,
		  vm_map(task, &address, 1, 0, TRUE, 0, 0, FALSE, 3, 16, 1));
	EXPECT_EQ(KERN_INVALID_ARGUMENT,
		  vm_map(task, &address, 1, 0, TRUE, 0, 0, FALSE, 3, 7, 3));
	EXPECT_EQ(KERN_INVALID_ARGUMENT,
		  vm_map(task, &address, 1, 0, TRUE, 0, 0, FALSE, 3, 7, -1));
	EXPECT_EQ(0UL, address);
}

TEST_F(mach, map_with_a_mask)
{
	static const vm_address_t masks[] = {
		0xfff, 0xffff, 0x1fffff, 0x3fffffff,
		0xffffffff80000000UL,		/* below 2 GiB */
		0xffffffff001fffffUL,		/* and aligned */
		0xffff800000000000UL,		/* no limit at all */
	};
	vm_address_t address;

	for (size_t i = 0; i < ARRAY_SIZE(masks); i++) {
		for (int round = 0; round < 3; round++) {
			ASSERT_EQ(KERN_SUCCESS,
				  map(&address, BYTES, masks[i], TRUE))
				TH_LOG("mask %#lx", masks[i]);
			EXPECT_EQ(0UL, address & masks[i]);
			mt_fill((void *)address, BYTES, i);
		}
		/* Not a page more than was asked for. */
		EXPECT_TRUE(mt_holds((void *)address, BYTES, i));
		EXPECT_EQ(KERN_SUCCESS,
			  vm_deallocate(mach_task_self(), address, BYTES));
	}
	address = 3 * MT_PAGE + (1UL << 40);
	EXPECT_EQ(KERN_NO_SPACE, map(&address, 1, 0x1fff, FALSE));
	EXPECT_EQ(KERN_SUCCESS, map(&address, 1, 0xfff, FALSE));
	EXPECT_EQ(KERN_NO_SPACE, map(&address, 1, ~0UL, TRUE));
	EXPECT_EQ(KERN_NO_SPACE,
		  map(&address, 1UL << 31, 0xffffffff80000000UL, TRUE));
	/* High bits that do not go up to the end mean nothing. */
	EXPECT_EQ(KERN_NO_SPACE, map(&address, 1, 0xff00000000UL, TRUE));
}

/* What a child that writes changes for its parent: 's', 'p', or 'n'one. */
static char seen_by_a_child(vm_address_t address)
{
	volatile char *byte = (char *)address;
	pid_t pid;
	int status;

	*byte = 1;
	pid = mt_fork();
	if (pid == 0) {
		if (!mt_mapped((void *)address))
			_exit(1);
		mt_check(*byte == 1);
		*byte = 2;
		_exit(0);
	}
	status = mt_wait_pid(pid);
	if (status)
		return WEXITSTATUS(status) == 1 ? 'n' : '?';
	return *byte == 2 ? 's' : 'p';
}

TEST_F(mach, map_with_inheritance)
{
	EXPECT_EQ('p', seen_by_a_child(allocate(1)));
	EXPECT_EQ('p', seen_by_a_child(map_for(VM_INHERIT_COPY)));
	EXPECT_EQ('s', seen_by_a_child(map_for(VM_INHERIT_SHARE)));
	EXPECT_EQ('n', seen_by_a_child(map_for(VM_INHERIT_NONE)));
}

/* ---- vm_inherit ---- */

TEST_F(mach, inheritance)
{
	mach_port_t task = mach_task_self();
	vm_address_t address = allocate(BYTES);
	vm_address_t shared = map_for(VM_INHERIT_SHARE);

	/* A page of it, by odd numbers. */
	EXPECT_EQ(KERN_SUCCESS, vm_inherit(task, address + MT_PAGE + 7, 1,
					   VM_INHERIT_NONE));
	EXPECT_EQ('p', seen_by_a_child(address));
	EXPECT_EQ('n', seen_by_a_child(address + MT_PAGE));
	EXPECT_EQ('p', seen_by_a_child(address + 2 * MT_PAGE));
	EXPECT_EQ(KERN_SUCCESS, vm_inherit(task, address, BYTES,
					   VM_INHERIT_COPY));
	EXPECT_EQ('p', seen_by_a_child(address + MT_PAGE));
	EXPECT_EQ(KERN_SUCCESS, vm_inherit(task, shared, BYTES,
					   VM_INHERIT_NONE));
	EXPECT_EQ('n', seen_by_a_child(shared));
	EXPECT_EQ(KERN_SUCCESS, vm_inherit(task, shared, BYTES,
					   VM_INHERIT_SHARE));
	EXPECT_EQ('s', seen_by_a_child(shared));
}

TEST_F(mach, inherit_results)
{
	mach_port_t task = mach_task_self();
	vm_address_t address = allocate(BYTES);

	/* What is private stays so, what is shared too. */
	EXPECT_EQ(KERN_FAILURE,
		  vm_inherit(task, address, BYTES, VM_INHERIT_SHARE));
	EXPECT_EQ(KERN_FAILURE,
		  vm_inherit(task, map_for(VM_INHERIT_SHARE), BYTES,
			     VM_INHERIT_COPY));
	EXPECT_EQ(KERN_INVALID_ARGUMENT, vm_inherit(task, address, BYTES, 3));
	EXPECT_EQ(KERN_INVALID_ARGUMENT, vm_inherit(task, address, 0, -1));
	EXPECT_EQ(KERN_SUCCESS,
		  vm_inherit(task, address, 0, VM_INHERIT_SHARE));
	EXPECT_EQ(KERN_INVALID_ADDRESS,
		  vm_inherit(task, ~0UL - 10, 20, VM_INHERIT_NONE));
	/* Holes are passed over. */
	mt_must(vm_deallocate(task, address + MT_PAGE, MT_PAGE));
	EXPECT_EQ(KERN_SUCCESS,
		  vm_inherit(task, address, BYTES, VM_INHERIT_NONE));
	EXPECT_EQ('n', seen_by_a_child(address));
	EXPECT_EQ('n', seen_by_a_child(address + 2 * MT_PAGE));
}

TEST_F(mach, inherit_received_memory)
{
	mach_port_t task = mach_task_self();
	mach_msg_type_number_t count;
	vm_address_t address;

	mt_share_all();
	mt_must(vm_read(task, allocate(BYTES), BYTES, &address, &count));
	EXPECT_EQ('p', seen_by_a_child(address));
	EXPECT_EQ(KERN_SUCCESS,
		  vm_inherit(task, address, BYTES, VM_INHERIT_COPY));
	EXPECT_EQ(KERN_SUCCESS,
		  vm_inherit(task, address, BYTES, VM_INHERIT_NONE));
	EXPECT_EQ('n', seen_by_a_child(address));
	/* Linux gives no way back for such memory. */
	EXPECT_EQ(KERN_FAILURE,
		  vm_inherit(task, address, BYTES, VM_INHERIT_COPY));
}

/* ---- vm_protect ---- */

TEST_F(mach, protect)
{
	mach_port_t task = mach_task_self();
	vm_address_t address = allocate(BYTES);

	EXPECT_EQ(KERN_SUCCESS, vm_protect(task, address + 2 * MT_PAGE - 1, 2,
					   FALSE, VM_PROT_READ));
	EXPECT_TRUE(protection_is(address, "rw-p"));
	EXPECT_TRUE(protection_is(address + MT_PAGE, "r--p"));
	EXPECT_TRUE(protection_is(address + 2 * MT_PAGE, "r--p"));
	EXPECT_TRUE(protection_is(address + 3 * MT_PAGE, "rw-p"));
	EXPECT_EQ(KERN_SUCCESS, vm_protect(task, address, BYTES, FALSE,
					   VM_PROT_ALL));
	EXPECT_TRUE(protection_is(address + MT_PAGE, "rwxp"));
	EXPECT_EQ(KERN_SUCCESS, vm_protect(task, address, BYTES, FALSE,
					   VM_PROT_NONE | VM_PROT_NOTIFY));
	EXPECT_TRUE(protection_is(address, "---p"));
	/* Holes are passed over. */
	mt_must(vm_deallocate(task, address + MT_PAGE, MT_PAGE));
	EXPECT_EQ(KERN_SUCCESS, vm_protect(task, address, BYTES, FALSE,
					   VM_PROT_DEFAULT));
	EXPECT_TRUE(protection_is(address, "rw-p"));
	EXPECT_TRUE(protection_is(address + BYTES - 1, "rw-p"));
}

TEST_F(mach, protect_results)
{
	mach_port_t task = mach_task_self();
	vm_address_t address = allocate(BYTES);
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	void *file = mmap(NULL, MT_PAGE, PROT_READ, MAP_SHARED, fd, 0);

	ASSERT_NE(MAP_FAILED, file);
	EXPECT_EQ(KERN_INVALID_ARGUMENT,
		  vm_protect(task, address, BYTES, FALSE, VM_PROT_NO_CHANGE));
	EXPECT_EQ(KERN_INVALID_ARGUMENT,
		  vm_protect(task, address, 0, FALSE, 0x20));
	EXPECT_EQ(KERN_SUCCESS,
		  vm_protect(task, address + 1, 0, FALSE, VM_PROT_NONE));
	EXPECT_TRUE(protection_is(address, "rw-p"));
	EXPECT_EQ(KERN_INVALID_ADDRESS,
		  vm_protect(task, ~0UL - 10, 20, FALSE, VM_PROT_READ));
	/* The file was opened for reading. */
	EXPECT_EQ(KERN_PROTECTION_FAILURE,
		  vm_protect(task, (vm_address_t)file, MT_PAGE, FALSE,
			     VM_PROT_DEFAULT));
}

static vm_prot_t maximum_of(vm_address_t address)
{
	memory_object_name_t object;
	vm_inherit_t inheritance;
	vm_prot_t current, maximum;
	vm_offset_t offset;
	boolean_t shared;
	vm_size_t size;

	mt_must(vm_region(mach_task_self(), &address, &size, &current,
			  &maximum, &inheritance, &shared, &object, &offset));
	return maximum;
}

TEST_F(mach, protect_maximum)
{
	mach_port_t task = mach_task_self();
	vm_address_t address = allocate(BYTES);

	EXPECT_EQ(VM_PROT_ALL, maximum_of(address));
	EXPECT_EQ(KERN_SUCCESS, vm_protect(task, address + MT_PAGE, MT_PAGE,
					   TRUE, VM_PROT_READ));
	EXPECT_TRUE(protection_is(address, "rw-p"));
	EXPECT_TRUE(protection_is(address + MT_PAGE, "r--p"));
	EXPECT_EQ(VM_PROT_READ, maximum_of(address + MT_PAGE));
	EXPECT_EQ(KERN_PROTECTION_FAILURE,
		  vm_protect(task, address, BYTES, FALSE, VM_PROT_DEFAULT));
	EXPECT_TRUE(protection_is(address, "rw-p"));
	EXPECT_TRUE(protection_is(address + MT_PAGE, "r--p"));
	EXPECT_EQ(KERN_PROTECTION_FAILURE,
		  vm_protect(task, address, BYTES, TRUE, VM_PROT_DEFAULT));
	EXPECT_EQ(KERN_SUCCESS,
		  vm_protect(task, address, BYTES, FALSE, VM_PROT_NONE));
	EXPECT_EQ(KERN_SUCCESS,
		  vm_protect(task, address, BYTES, FALSE, VM_PROT_READ));
	/* A maximum that forbids nothing that is there leaves it as it is. */
	EXPECT_EQ(KERN_SUCCESS, vm_protect(task, address, MT_PAGE, TRUE,
					   VM_PROT_DEFAULT));
	EXPECT_TRUE(protection_is(address, "r--p"));
}

TEST_F(mach, maximum_of_a_map)
{
	mach_port_t task = mach_task_self();
	vm_address_t address = 0;

	ASSERT_EQ(KERN_SUCCESS,
		  vm_map(task, &address, BYTES, 0, TRUE, MEMORY_OBJECT_NULL, 0,
			 FALSE, VM_PROT_READ, VM_PROT_DEFAULT,
			 VM_INHERIT_COPY));
	EXPECT_EQ(VM_PROT_DEFAULT, maximum_of(address));
	EXPECT_EQ(KERN_SUCCESS,
		  vm_protect(task, address, BYTES, FALSE, VM_PROT_DEFAULT));
	EXPECT_EQ(KERN_PROTECTION_FAILURE,
		  vm_protect(task, address, BYTES, FALSE, VM_PROT_ALL));
}

/* A maximum is the memory's, not the address's; pieces keep theirs. */
TEST_F(mach, maximum_goes_with_the_memory)
{
	mach_port_t task = mach_task_self();
	vm_address_t address = allocate(BYTES), again = address + 3 * MT_PAGE;

	mt_must(vm_protect(task, address, BYTES, TRUE, VM_PROT_READ));
	mt_must(vm_deallocate(task, again, MT_PAGE));
	mt_must(vm_allocate(task, &again, MT_PAGE, FALSE));
	EXPECT_EQ(VM_PROT_ALL, maximum_of(again));
	EXPECT_EQ(KERN_SUCCESS,
		  vm_protect(task, again, MT_PAGE, FALSE, VM_PROT_ALL));
	for (int page = 0; page < PAGES; page++) {
		if (page != 3)
			EXPECT_EQ(VM_PROT_READ,
				  maximum_of(address + page * MT_PAGE))
				TH_LOG("page %d", page);
	}
}

TEST_F(mach, maximum_is_inherited)
{
	mach_port_t task = mach_task_self();
	vm_address_t address = allocate(BYTES);
	pid_t pid;

	mt_must(vm_protect(task, address, BYTES, TRUE, VM_PROT_READ));
	pid = fork();
	if (pid == 0)
		_exit(vm_protect(mach_task_self(), address, BYTES, FALSE,
				 VM_PROT_DEFAULT));
	EXPECT_EQ(KERN_PROTECTION_FAILURE, WEXITSTATUS(mt_wait_pid(pid)));
}

/* A message takes the memory away, another one brings new to its place. */
TEST_F(mach, maximum_does_not_stay_for_received_memory)
{
	mach_port_t task = mach_task_self();
	vm_address_t address = allocate(BYTES);
	char *received, *place = (char *)address;

	mt_share_all();
	mt_must(vm_protect(task, address, BYTES, TRUE, VM_PROT_READ));
	received = mt_move_memory(&self->task, place, BYTES);
	if (received != place)
		received = mremap(received, BYTES, BYTES,
				  MREMAP_MAYMOVE | MREMAP_FIXED, place);
	ASSERT_EQ(place, received);
	EXPECT_EQ(VM_PROT_ALL, maximum_of(address));
	EXPECT_EQ(KERN_SUCCESS,
		  vm_protect(task, address, BYTES, FALSE, VM_PROT_READ));
	EXPECT_EQ(KERN_SUCCESS,
		  vm_protect(task, address, BYTES, FALSE, VM_PROT_DEFAULT));
}

/* ---- vm_region ---- */

struct region {
	vm_address_t address;
	vm_size_t size;
	vm_prot_t current, maximum;
	vm_inherit_t inheritance;
	boolean_t shared;
	memory_object_name_t object;
	vm_offset_t offset;
};

static kern_return_t find(struct region *region, vm_address_t address)
{
	region->address = address;
	return vm_region(mach_task_self(), &region->address, &region->size,
			 &region->current, &region->maximum,
			 &region->inheritance, &region->shared,
			 &region->object, &region->offset);
}

TEST_F(mach, region)
{
	mach_port_t task = mach_task_self();
	vm_address_t address = allocate(BYTES);
	struct region region;

	/* Guarded, so that the kernel cannot merge it with a neighbour. */
	mt_must(vm_protect(task, address, MT_PAGE, FALSE, VM_PROT_NONE));
	mt_must(vm_protect(task, address + BYTES - MT_PAGE, MT_PAGE, FALSE,
			   VM_PROT_NONE));
	mt_must(vm_protect(task, address + MT_PAGE, 2 * MT_PAGE, FALSE,
			   VM_PROT_READ | VM_PROT_EXECUTE));
	ASSERT_EQ(KERN_SUCCESS, find(&region, address + MT_PAGE + 123));
	EXPECT_EQ(address + MT_PAGE, region.address);
	EXPECT_EQ(2 * MT_PAGE, region.size);
	EXPECT_EQ(VM_PROT_READ | VM_PROT_EXECUTE, region.current);
	EXPECT_EQ(VM_PROT_ALL, region.maximum);
	EXPECT_EQ(VM_INHERIT_COPY, region.inheritance);
	EXPECT_EQ(FALSE, region.shared);
	EXPECT_EQ(MACH_PORT_NULL, region.object);
	/* In a hole: the next one. */
	mt_must(vm_deallocate(task, address + MT_PAGE, MT_PAGE));
	ASSERT_EQ(KERN_SUCCESS, find(&region, address + MT_PAGE));
	EXPECT_EQ(address + 2 * MT_PAGE, region.address);
	EXPECT_EQ(MT_PAGE, region.size);
	ASSERT_EQ(KERN_SUCCESS, find(&region, map_for(VM_INHERIT_SHARE)));
	EXPECT_EQ(VM_INHERIT_SHARE, region.inheritance);
	EXPECT_EQ(TRUE, region.shared);
	ASSERT_EQ(KERN_SUCCESS, find(&region, map_for(VM_INHERIT_NONE)));
	EXPECT_EQ(VM_INHERIT_NONE, region.inheritance);
}

TEST_F(mach, region_walks_the_address_space)
{
	vm_address_t at = 0, mine = allocate(BYTES);
	struct region region;
	kern_return_t kr;
	int count = 0;
	bool met = false;

	while ((kr = find(&region, at)) == KERN_SUCCESS) {
		ASSERT_LE(at, region.address);
		ASSERT_LT(0UL, region.size);
		met |= region.address <= mine &&
		       mine < region.address + region.size;
		at = region.address + region.size;
		count++;
	}
	EXPECT_EQ(KERN_NO_SPACE, kr);
	EXPECT_TRUE(met);
	EXPECT_LT(5, count);
	/* The vsyscall page is not the task's. */
	EXPECT_LT(at, 1UL << 63);
	EXPECT_EQ(KERN_NO_SPACE, find(&region, ~0UL));
}

/* ---- vm_wire, vm_wire_all ---- */

TEST_F(mach, wire)
{
	mach_port_t task = mach_task_self(), host = mach_host_self();
	vm_address_t address = allocate(BYTES);

	EXPECT_EQ(KERN_SUCCESS, vm_wire(host, task, address + MT_PAGE + 1, 1,
					VM_PROT_DEFAULT));
	EXPECT_FALSE(mt_vm_flag((void *)address, "lo"));
	EXPECT_TRUE(mt_vm_flag((void *)(address + MT_PAGE), "lo"));
	EXPECT_NE(0ULL, mt_frame((void *)(address + MT_PAGE)));
	EXPECT_EQ(KERN_SUCCESS, vm_wire(host, task, address, BYTES,
					VM_PROT_NONE));
	EXPECT_FALSE(mt_vm_flag((void *)(address + MT_PAGE), "lo"));
	EXPECT_EQ(KERN_SUCCESS, vm_wire_all(host, task, VM_WIRE_ALL));
	EXPECT_TRUE(mt_vm_flag((void *)address, "lo"));
	EXPECT_TRUE(mt_vm_flag((void *)allocate(1), "lo"));
	EXPECT_EQ(KERN_SUCCESS, vm_wire_all(host, task, VM_WIRE_NONE));
	EXPECT_FALSE(mt_vm_flag((void *)address, "lo"));
	EXPECT_EQ(KERN_SUCCESS, vm_wire_all(host, task, VM_WIRE_FUTURE));
	EXPECT_FALSE(mt_vm_flag((void *)address, "lo"));
	EXPECT_TRUE(mt_vm_flag((void *)allocate(1), "lo"));
	mt_must(vm_wire_all(host, task, VM_WIRE_NONE));
}

TEST_F(mach, wire_results)
{
	mach_port_t task = mach_task_self(), host = mach_host_self();
	vm_address_t address = allocate(BYTES);

	EXPECT_EQ(MACH_SEND_INVALID_DEST,
		  vm_wire(MACH_PORT_NULL, task, address, 1, VM_PROT_READ));
	EXPECT_EQ(KERN_INVALID_HOST,
		  vm_wire(task, task, address, 1, VM_PROT_READ));
	EXPECT_EQ(MACH_SEND_INVALID_DEST,
		  vm_wire_all(MACH_PORT_DEAD, task, VM_WIRE_ALL));
	EXPECT_EQ(KERN_INVALID_HOST, vm_wire_all(task, task, VM_WIRE_ALL));
	EXPECT_EQ(KERN_INVALID_ARGUMENT,
		  vm_wire(host, task, address, 1, 8));
	EXPECT_EQ(KERN_INVALID_ARGUMENT, vm_wire_all(host, task, 4));
	EXPECT_EQ(KERN_INVALID_ADDRESS,
		  vm_wire(host, task, ~0UL - 10, 20, VM_PROT_READ));
	EXPECT_EQ(KERN_NO_SPACE, vm_wire(host, task, KERNEL, 1, VM_PROT_READ));
	mt_must(vm_protect(task, address, MT_PAGE, FALSE, VM_PROT_READ));
	EXPECT_EQ(KERN_NO_SPACE,
		  vm_wire(host, task, address, BYTES, VM_PROT_DEFAULT));
	mt_must(vm_deallocate(task, address + MT_PAGE, MT_PAGE));
	EXPECT_EQ(KERN_NO_SPACE,
		  vm_wire(host, task, address, BYTES, VM_PROT_READ));
	EXPECT_FALSE(mt_vm_flag((void *)address, "lo"));
	EXPECT_EQ(KERN_NO_SPACE,
		  vm_wire(host, task, address, BYTES, VM_PROT_NONE));
}

TEST_F(mach, wire_is_bounded)
{
	mach_port_t task = mach_task_self(), host = mach_host_self();
	struct rlimit limit = { 2 * MT_PAGE, 2 * MT_PAGE };
	vm_address_t address = allocate(BYTES);

	mt_must(setrlimit(RLIMIT_MEMLOCK, &limit));
	mt_must(setresuid(54321, 54321, 54321));
	EXPECT_EQ(KERN_SUCCESS,
		  vm_wire(host, task, address, 2 * MT_PAGE, VM_PROT_READ));
	EXPECT_EQ(KERN_NO_ACCESS,
		  vm_wire(host, task, address, BYTES, VM_PROT_READ));
	EXPECT_EQ(KERN_NO_ACCESS, vm_wire_all(host, task, VM_WIRE_CURRENT));
	EXPECT_EQ(KERN_SUCCESS, vm_wire_all(host, task, VM_WIRE_NONE));
	limit.rlim_cur = 0;
	mt_must(setrlimit(RLIMIT_MEMLOCK, &limit));
	EXPECT_EQ(KERN_NO_ACCESS,
		  vm_wire(host, task, address, 1, VM_PROT_READ));
	EXPECT_EQ(KERN_NO_ACCESS, vm_wire_all(host, task, VM_WIRE_FUTURE));
}

/* ---- vm_statistics, vm_page_size ---- */

TEST_F(mach, statistics)
{
	vm_statistics_data_t before, after;
	vm_address_t address;

	EXPECT_EQ((vm_size_t)sysconf(_SC_PAGESIZE), vm_page_size);
	EXPECT_EQ(2 * vm_page_size, round_page(vm_page_size + 1));
	EXPECT_EQ(vm_page_size, trunc_page(2 * vm_page_size - 1));
	ASSERT_EQ(KERN_SUCCESS, vm_statistics(mach_task_self(), &before));
	EXPECT_EQ((integer_t)vm_page_size, before.pagesize);
	EXPECT_LT(0, before.free_count);
	EXPECT_LT(0, before.active_count + before.inactive_count);
	address = allocate(1000 * MT_PAGE);
	mt_no_huge_pages((void *)address, 1000 * MT_PAGE);
	mt_touch((void *)address, 1000);
	ASSERT_EQ(KERN_SUCCESS, vm_statistics(mach_task_self(), &after));
	EXPECT_LE(900, after.faults - before.faults);
}

TEST_HARNESS_MAIN
