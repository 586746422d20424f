// SPDX-License-Identifier: GPL-2.0
/*
 * Each allocation of each ioctl but mach_msg fails: the call says
 * KERN_RESOURCE_SHORTAGE, or ENOMEM where it needs memory before it can say
 * anything, and has no effect (K10).  A call without a row here is a failure.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "lib/caller.h"
#include "lib/descriptors.h"
#include "lib/fail_nth.h"
#include "lib/fixture.h"
#include "lib/listing.h"

/* Names from here on are not in the table but in the tree beside it. */
#define FAR_NAME	0x12345678U
/* So many names that the next one makes the table grow. */
#define FULL_TABLE	30

/* ---- scenes ---- */

static void set_port(struct mt_trial *trial)
{
	trial->port = mt_port(&trial->task);
}

static void set_ports(struct mt_trial *trial)
{
	set_port(trial);
	trial->name = mt_receive_right(&trial->task);
}

static void set_member(struct mt_trial *trial)
{
	set_port(trial);
	trial->name = mt_set(&trial->task);
	mt_must(mt_move_member(&trial->task, trial->port, trial->name));
}

static void set_special(struct mt_trial *trial)
{
	set_port(trial);
	mt_must(mt_set_special(&trial->task, MACH_TASK_BOOTSTRAP_PORT,
			       trial->port));
}

static void set_registered(struct mt_trial *trial)
{
	__u32 ports[MACH_TASK_PORT_REGISTER_MAX] = { 0 };

	set_port(trial);
	ports[0] = trial->port;
	ports[1] = mt_port(&trial->task);
	mt_must(mt_register(&trial->task, ports, 2));
	trial->name = mt_task_right(&trial->other, &trial->task);
}

/* The table of names is full up to its first size. */
static void set_full(struct mt_trial *trial)
{
	__u32 count;

	do {
		mt_dead_name(&trial->task);
		mt_must(mt_names(&trial->task, NULL, NULL, 0, &count));
	} while (count < FULL_TABLE);
}

static void set_file(struct mt_trial *trial)
{
	trial->fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	mt_check(trial->fd >= 0);
}

static void set_fileport(struct mt_trial *trial)
{
	set_file(trial);
	trial->port = mt_new_fileport(&trial->task, trial->fd);
}

static void set_right_file(struct mt_trial *trial)
{
	trial->fd = mt_hold_right(&trial->other, mt_port(&trial->other));
}

static void end_file(struct mt_trial *trial)
{
	close(trial->fd);
}

/* ---- deeds ---- */

static __s32 self_call(struct mt_trial *trial)
{
	trial->name = MACH_PORT_NULL;
	return mt_name_call(&trial->task, _IO(MACH_IOC_MAGIC, trial->kind),
			    &trial->name);
}

/* The thread's port may be there already; it goes with the thread. */
static bool has_no_name(struct mt_trial *trial, __s32 ret)
{
	__u32 before, after;

	mt_must(mt_names(&trial->task, NULL, NULL, 0, &before));
	mt_must(self_call(trial));
	mt_must(mt_names(&trial->task, NULL, NULL, 0, &after));
	return ret == KERN_RESOURCE_SHORTAGE && after == before + 1;
}

static __s32 set_bootstrap(struct mt_trial *trial)
{
	return mt_name_call(&trial->task, MACH_IOC_SET_BOOTSTRAP, &trial->port);
}

static void unset_bootstrap(struct mt_trial *trial)
{
	__u32 none = MACH_PORT_NULL;

	mt_must(mt_name_call(&trial->task, MACH_IOC_SET_BOOTSTRAP, &none));
}

static void set_bootstrap_right(struct mt_trial *trial)
{
	__u32 port = mt_port(&trial->other);

	mt_must(mt_name_call(&trial->other, MACH_IOC_SET_BOOTSTRAP, &port));
}

static __s32 version(struct mt_trial *trial)
{
	return ioctl(trial->task.fd, MACH_IOC_VERSION) == MACH_ABI_VERSION ?
		0 : -errno;
}

static __s32 features(struct mt_trial *trial)
{
	struct mach_ioc_features features = { .size = sizeof(features) };

	return mt_ioctl(&trial->task, MACH_IOC_FEATURES, &features);
}

static __s32 stats(struct mt_trial *trial)
{
	struct mach_ioc_stats stats = { .size = sizeof(stats) };

	return mt_ioctl(&trial->task, MACH_IOC_STATS, &stats);
}

static __s32 for_file(struct mt_trial *trial)
{
	return mt_task_for_file(&trial->task, trial->other.fd, &trial->name);
}

/* Who inherits is a child of the process that opened this. */
static struct mt_task parent;

static __s32 inherit(struct mt_trial *trial)
{
	return mt_inherit(&trial->task, parent.fd);
}

static __s32 get_special(struct mt_trial *trial)
{
	return mt_get_special(&trial->task, MACH_TASK_BOOTSTRAP_PORT,
			      &trial->result);
}

/* Of another task: the right gets a new name. */
static __s32 get_other_special(struct mt_trial *trial)
{
	struct mt_task both = { trial->other.fd, trial->name };

	return mt_get_special(&both, MACH_TASK_BOOTSTRAP_PORT, &trial->result);
}

static void set_other_special(struct mt_trial *trial)
{
	set_special(trial);
	trial->name = mt_task_right(&trial->other, &trial->task);
}

static __s32 put_special(struct mt_trial *trial)
{
	return mt_set_special(&trial->task, MACH_TASK_EXCEPTION_PORT,
			      trial->port);
}

static __s32 enrol(struct mt_trial *trial)
{
	__u32 ports[MACH_TASK_PORT_REGISTER_MAX] = { trial->port };

	return mt_register(&trial->task, ports, 1);
}

static __s32 look_up(struct mt_trial *trial)
{
	struct mt_task both = { trial->other.fd, trial->name };
	__u32 ports[MACH_TASK_PORT_REGISTER_MAX], count;

	return mt_lookup(&both, ports, &count);
}

static __s32 allocate(struct mt_trial *trial)
{
	return mt_allocate(&trial->task, trial->kind, &trial->name);
}

static __s32 allocate_name(struct mt_trial *trial)
{
	return mt_allocate_name(&trial->task, trial->kind, FAR_NAME);
}

static __s32 destroy(struct mt_trial *trial)
{
	return mt_destroy(&trial->task, trial->port);
}

static __s32 deallocate(struct mt_trial *trial)
{
	return mt_deallocate(&trial->task, trial->port);
}

static __s32 get_refs(struct mt_trial *trial)
{
	__u32 refs;

	return mt_get_refs(&trial->task, trial->port, MACH_PORT_RIGHT_SEND,
			   &refs);
}

static __s32 mod_refs(struct mt_trial *trial)
{
	return mt_mod_refs(&trial->task, trial->port, MACH_PORT_RIGHT_SEND, 7);
}

static __s32 get_type(struct mt_trial *trial)
{
	__u32 type;

	return mt_get_type(&trial->task, trial->port, &type);
}

static void set_insert(struct mt_trial *trial)
{
	trial->port = mt_port(&trial->other);
	trial->name = mt_task_right(&trial->other, &trial->task);
}

/* A right of the other task into ours. */
static __s32 insert(struct mt_trial *trial)
{
	struct mt_task both = { trial->other.fd, trial->name };

	return mt_insert(&both, FAR_NAME, trial->port, trial->kind);
}

static __s32 request(struct mt_trial *trial)
{
	__u32 previous;

	return mt_request(&trial->task, trial->port, trial->kind, 0,
			  trial->name, MACH_MSG_TYPE_MAKE_SEND_ONCE, &previous);
}

/* The right that was to be armed was taken, and is destroyed. */
static bool notify_is_lost(struct mt_trial *trial, __s32 ret)
{
	return ret == KERN_RESOURCE_SHORTAGE &&
	       mt_once_wasted(&trial->task, trial->name) && !request(trial);
}

/* The request that was armed comes back under a new name. */
static void set_armed(struct mt_trial *trial)
{
	set_ports(trial);
	trial->result = mt_receive_right(&trial->task);
	mt_arm(&trial->task, trial->port, trial->kind, trial->result);
	trial->bytes = trial->result;
}

/* There was no name for what was armed: it is destroyed, the new one armed. */
static bool previous_is_lost(struct mt_trial *trial, __s32 ret)
{
	return ret == KERN_RESOURCE_SHORTAGE &&
	       mt_once_wasted(&trial->task, trial->bytes) &&
	       mt_status(&trial->task, trial->name).sorights == 1;
}

static __s32 rename_far(struct mt_trial *trial)
{
	return mt_rename(&trial->task, trial->port, FAR_NAME);
}

static void set_many(struct mt_trial *trial)
{
	static __u32 names[FULL_TABLE + 4];

	set_full(trial);
	trial->names = names;
}

static __s32 list_names(struct mt_trial *trial)
{
	__u32 types[FULL_TABLE + 4], count;

	return mt_names(&trial->task, trial->names, types, FULL_TABLE + 4,
			&count);
}

static __s32 extract(struct mt_trial *trial)
{
	struct mt_task both = { trial->other.fd, trial->name };
	__u32 poly, type;

	return mt_extract(&both, trial->port, trial->kind, &poly, &type);
}

static void set_extract(struct mt_trial *trial)
{
	set_port(trial);
	trial->name = mt_task_right(&trial->other, &trial->task);
	if (trial->kind == MACH_MSG_TYPE_MOVE_SEND_ONCE)
		trial->port = mt_make_send_once(&trial->task, trial->port);
}

/* The right was taken; it found no name and is destroyed. */
static bool right_is_lost(struct mt_trial *trial, __s32 ret)
{
	return ret == KERN_RESOURCE_SHORTAGE &&
	       mt_types(&trial->task, FAR_NAME) == MACH_PORT_TYPE_NONE;
}

static __s32 receive_status(struct mt_trial *trial)
{
	struct mach_ioc_receive_status status;

	return mt_receive_status(&trial->task, trial->port, &status);
}

static __s32 set_qlimit(struct mt_trial *trial)
{
	return mt_set_qlimit(&trial->task, trial->port, 3);
}

static __s32 set_mscount(struct mt_trial *trial)
{
	return mt_set_mscount(&trial->task, trial->port, 3);
}

static __s32 set_seqno(struct mt_trial *trial)
{
	return mt_set_seqno(&trial->task, trial->port, 3);
}

static __s32 set_payload(struct mt_trial *trial)
{
	return mt_set_payload(&trial->task, trial->port, 3);
}

static __s32 clear_payload(struct mt_trial *trial)
{
	return mt_clear_payload(&trial->task, trial->port);
}

static __s32 get_srights(struct mt_trial *trial)
{
	__u64 count;

	return mt_srights(&trial->task, trial->port, &count);
}

static __s32 get_requests(struct mt_trial *trial)
{
	__u64 count;

	return mt_dnrequests(&trial->task, trial->port, &count);
}

static __s32 move_member(struct mt_trial *trial)
{
	return mt_move_member(&trial->task, trial->port, trial->name);
}

static void set_apart(struct mt_trial *trial)
{
	set_port(trial);
	trial->name = mt_set(&trial->task);
}

static __s32 members(struct mt_trial *trial)
{
	__u32 members[4], count;

	return mt_set_members(&trial->task, trial->name, members, 4, &count);
}

/* ---- descriptors ---- */

static __s32 poll_port(struct mt_trial *trial)
{
	return mt_poll_fd(&trial->task, trial->port, 0, &trial->fd);
}

static __s32 make_fileport(struct mt_trial *trial)
{
	return mt_fileport(&trial->task, trial->fd, &trial->name);
}

static __s32 take_file(struct mt_trial *trial)
{
	int fd;
	__s32 ret = mt_fileport_fd(&trial->task, trial->port, 0, &fd);

	if (!ret)
		close(fd);
	return ret;
}

static __s32 make_right(struct mt_trial *trial)
{
	return mt_right_fd(&trial->task, trial->port, trial->kind, &trial->fd);
}

static __s32 take_right(struct mt_trial *trial)
{
	return mt_right_from_fd(&trial->task, trial->fd, &trial->name);
}

/* How many descriptors the process' table has room for. */
static int table_size(void)
{
	FILE *file = fopen("/proc/self/status", "re");
	char line[256];
	int size = 0;

	mt_check(file);
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "FDSize: %d", &size) == 1)
			break;
	fclose(file);
	return size;
}

/* All of it is in use: the next descriptor makes it grow, for good. */
static void set_no_fd(struct mt_trial *trial)
{
	int fd, size = table_size();

	if (trial->kind)
		set_fileport(trial);
	else
		set_port(trial);
	trial->pid = fcntl(0, F_DUPFD_CLOEXEC, 0);
	for (fd = trial->pid; fd + 1 < size;) {
		fd = fcntl(0, F_DUPFD_CLOEXEC, 0);
		mt_check(fd >= 0);
	}
}

static void end_no_fd(struct mt_trial *trial)
{
	if (trial->kind)
		close(trial->fd);
	mt_must(close_range(trial->pid, ~0U, 0));
}

/* ---- who is who ---- */

static __s32 identity(struct mt_trial *trial)
{
	struct mach_ioc_identity call = {
		.size = sizeof(call), .task = trial->task.self,
	};
	int error = mt_ioctl(&trial->task, MACH_IOC_TASK_IDENTITY, &call);

	return error ? error : call.ret;
}

static void set_confirm(struct mt_trial *trial)
{
	struct mach_ioc_identity call = {
		.size = sizeof(call), .task = trial->task.self,
	};

	mt_must(mt_ioctl(&trial->task, MACH_IOC_TASK_IDENTITY, &call));
	trial->bytes = call.task_id;
}

static __s32 confirm(struct mt_trial *trial)
{
	struct mach_ioc_confirm call = {
		.size = sizeof(call), .pid = getpid(), .task_id = trial->bytes,
	};
	int error = mt_ioctl(&trial->task, MACH_IOC_TASK_CONFIRM, &call);

	return error ? error : call.ret;
}

static __s32 snapshot(struct mt_trial *trial)
{
	static char bytes[65536];
	struct mach_ioc_snapshot call = {
		.size = sizeof(call),
		.flags = trial->kind,
		.task = trial->task.self,
		.buffer = (unsigned long)bytes,
		.length = sizeof(bytes),
	};
	int error;

	memset(bytes, 1, sizeof(bytes));
	error = mt_ioctl(&trial->task, MACH_IOC_SNAPSHOT, &call);
	return error ? error : call.ret;
}

/* Received memory that is shared with the sender; and some of our own. */
static void set_region(struct mt_trial *trial)
{
	mt_share_all();
	trial->bytes = 64 * MT_PAGE;
	trial->memory = mt_map_filled(64, 5);
	trial->received = mt_pass_memory(&trial->task, trial->memory,
					 trial->bytes, 0);
	trial->received[0] = trial->memory[0];
}

static void end_region(struct mt_trial *trial)
{
	mt_check(mt_holds(trial->received, trial->bytes, 5));
	mt_check(mt_holds(trial->memory, trial->bytes, 5));
	mt_unmap(trial->received, trial->bytes);
	mt_unmap(trial->memory, trial->bytes);
}

static __s32 ordinary(struct mt_trial *trial)
{
	struct mach_ioc_range call = {
		.size = sizeof(call),
		.address = (unsigned long)trial->received,
		.length = trial->bytes,
	};
	int error = mt_ioctl(&trial->task, MACH_IOC_MEMORY_ORDINARY, &call);

	return error ? error : call.ret;
}

/* ---- one row for each call, or more ---- */

#define ROW(number, deed, more...)					\
	{ MACH_IOC_NR_##number, { .what = #number, .act = deed, more } }

static struct {
	unsigned int nr;
	struct mt_trial trial;
} rows[] = {
	ROW(VERSION, version),
	ROW(VERSION, version, .ready = mt_unmap_doorbells, .clean = -ENOMEM,
	    .least = 1),
	ROW(FEATURES, features, .clean = -ENOMEM, .least = 1),
	ROW(STATS, stats, .clean = -ENOMEM, .least = 1),
	ROW(MEMORY_ORDINARY, ordinary, .set = set_region, .end = end_region,
	    .least = 60),
	ROW(TASK_SELF, self_call, .kind = MACH_IOC_NR_TASK_SELF),
	ROW(REPLY_PORT, self_call, .kind = MACH_IOC_NR_REPLY_PORT, .least = 2),
	ROW(GET_BOOTSTRAP, self_call, .kind = MACH_IOC_NR_GET_BOOTSTRAP,
	    .set = set_bootstrap_right, .end = unset_bootstrap, .least = 1),
	ROW(SET_BOOTSTRAP, set_bootstrap, .set = set_port,
	    .end = unset_bootstrap),
	ROW(THREAD_SELF, self_call, .kind = MACH_IOC_NR_THREAD_SELF,
	    .least = 2, .clean = MT_NO_RESULT, .broken = has_no_name),
	ROW(HOST_SELF, self_call, .kind = MACH_IOC_NR_HOST_SELF, .least = 1),
	ROW(TASK_FOR_FILE, for_file, .least = 1),
	ROW(INHERIT, inherit),
	ROW(TASK_GET_SPECIAL, get_special, .set = set_special),
	ROW(TASK_GET_SPECIAL, get_other_special, .set = set_other_special,
	    .least = 1),
	ROW(TASK_SET_SPECIAL, put_special, .set = set_port),
	ROW(PORTS_REGISTER, enrol, .set = set_port),
	ROW(PORTS_LOOKUP, look_up, .set = set_registered, .least = 1),
	ROW(PORT_ALLOCATE, allocate, .kind = MACH_PORT_RIGHT_RECEIVE,
	    .least = 2),
	ROW(PORT_ALLOCATE, allocate, .kind = MACH_PORT_RIGHT_RECEIVE,
	    .set = set_full, .least = 3),
	ROW(PORT_ALLOCATE, allocate, .kind = MACH_PORT_RIGHT_PORT_SET,
	    .least = 2),
	ROW(PORT_ALLOCATE, allocate, .kind = MACH_PORT_RIGHT_DEAD_NAME,
	    .least = 1),
	ROW(PORT_ALLOCATE_NAME, allocate_name,
	    .kind = MACH_PORT_RIGHT_RECEIVE, .least = 3),
	ROW(PORT_ALLOCATE_NAME, allocate_name,
	    .kind = MACH_PORT_RIGHT_PORT_SET, .least = 3),
	ROW(PORT_ALLOCATE_NAME, allocate_name,
	    .kind = MACH_PORT_RIGHT_DEAD_NAME, .least = 2),
	ROW(PORT_DESTROY, destroy, .set = set_port),
	ROW(PORT_DEALLOCATE, deallocate, .set = set_port),
	ROW(PORT_GET_REFS, get_refs, .set = set_port),
	ROW(PORT_MOD_REFS, mod_refs, .set = set_port),
	ROW(PORT_TYPE, get_type, .set = set_port),
	ROW(PORT_INSERT_RIGHT, insert, .set = set_insert,
	    .kind = MACH_MSG_TYPE_MAKE_SEND, .least = 1,
	    .clean = MT_NO_RESULT, .broken = right_is_lost),
	ROW(PORT_INSERT_RIGHT, insert, .set = set_insert,
	    .kind = MACH_MSG_TYPE_MAKE_SEND_ONCE, .least = 1,
	    .clean = MT_NO_RESULT, .broken = right_is_lost),
	ROW(PORT_INSERT_RIGHT, insert, .set = set_insert,
	    .kind = MACH_MSG_TYPE_MOVE_RECEIVE, .least = 1,
	    .clean = MT_NO_RESULT, .broken = right_is_lost),
	ROW(PORT_REQUEST_NOTIFICATION, request, .set = set_ports,
	    .kind = MACH_NOTIFY_DEAD_NAME, .least = 1, .clean = MT_NO_RESULT,
	    .broken = notify_is_lost),
	ROW(PORT_REQUEST_NOTIFICATION, request, .set = set_ports,
	    .kind = MACH_NOTIFY_NO_SENDERS),
	ROW(PORT_REQUEST_NOTIFICATION, request, .set = set_ports,
	    .kind = MACH_NOTIFY_PORT_DESTROYED),
	ROW(PORT_REQUEST_NOTIFICATION, request, .set = set_armed,
	    .kind = MACH_NOTIFY_DEAD_NAME, .least = 1, .clean = MT_NO_RESULT,
	    .broken = previous_is_lost),
	ROW(PORT_REQUEST_NOTIFICATION, request, .set = set_armed,
	    .kind = MACH_NOTIFY_NO_SENDERS, .least = 1, .clean = MT_NO_RESULT,
	    .broken = previous_is_lost),
	ROW(PORT_REQUEST_NOTIFICATION, request, .set = set_armed,
	    .kind = MACH_NOTIFY_PORT_DESTROYED, .least = 1,
	    .clean = MT_NO_RESULT, .broken = previous_is_lost),
	ROW(PORT_RENAME, rename_far, .set = set_port, .least = 1),
	ROW(PORT_NAMES, list_names, .set = set_many, .least = 1),
	ROW(PORT_EXTRACT_RIGHT, extract, .set = set_extract,
	    .kind = MACH_MSG_TYPE_MAKE_SEND, .least = 1,
	    .clean = MT_NO_RESULT, .broken = right_is_lost),
	ROW(PORT_EXTRACT_RIGHT, extract, .set = set_extract,
	    .kind = MACH_MSG_TYPE_MOVE_SEND, .least = 1,
	    .clean = MT_NO_RESULT, .broken = right_is_lost),
	ROW(PORT_EXTRACT_RIGHT, extract, .set = set_extract,
	    .kind = MACH_MSG_TYPE_COPY_SEND, .least = 1,
	    .clean = MT_NO_RESULT, .broken = right_is_lost),
	ROW(PORT_EXTRACT_RIGHT, extract, .set = set_extract,
	    .kind = MACH_MSG_TYPE_MOVE_SEND_ONCE, .least = 1,
	    .clean = MT_NO_RESULT, .broken = right_is_lost),
	ROW(PORT_EXTRACT_RIGHT, extract, .set = set_extract,
	    .kind = MACH_MSG_TYPE_MOVE_RECEIVE, .least = 1,
	    .clean = MT_NO_RESULT, .broken = right_is_lost),
	ROW(PORT_GET_RECEIVE_STATUS, receive_status, .set = set_port),
	ROW(PORT_SET_QLIMIT, set_qlimit, .set = set_port),
	ROW(PORT_SET_MSCOUNT, set_mscount, .set = set_port),
	ROW(PORT_SET_SEQNO, set_seqno, .set = set_port),
	ROW(PORT_MOVE_MEMBER, move_member, .set = set_apart),
	ROW(PORT_GET_SET_STATUS, members, .set = set_member, .least = 1),
	ROW(PORT_SET_PAYLOAD, set_payload, .set = set_port),
	ROW(PORT_CLEAR_PAYLOAD, clear_payload, .set = set_port),
	ROW(PORT_GET_SRIGHTS, get_srights, .set = set_port),
	ROW(PORT_DNREQUEST_INFO, get_requests, .set = set_port),
	ROW(PORT_POLL_FD, poll_port, .set = set_port, .done = end_file,
	    .least = 2),
	ROW(FILEPORT_MAKE, make_fileport, .set = set_file, .end = end_file,
	    .least = 2),
	ROW(FILEPORT_FD, take_file, .set = set_fileport, .end = end_file),
	ROW(RIGHT_MAKE_FD, make_right, .set = set_port, .done = end_file,
	    .least = 2),
	ROW(RIGHT_MAKE_FD, make_right, .set = set_port, .done = end_file,
	    .kind = MACH_FD_MOVE, .least = 2),
	ROW(RIGHT_FROM_FD, take_right, .set = set_right_file, .end = end_file,
	    .least = 1),
	ROW(TASK_IDENTITY, identity),
	ROW(TASK_CONFIRM, confirm, .set = set_confirm),
	ROW(SNAPSHOT, snapshot, .set = set_ports, .clean = -ENOMEM, .least = 1),
	ROW(SNAPSHOT, snapshot, .kind = MACH_SNAPSHOT_ALL, .clean = -ENOMEM,
	    .least = 1),
};

#define ROWS	(sizeof(rows) / sizeof(rows[0]))

static bool has_row(unsigned int nr)
{
	size_t i;

	for (i = 0; i < ROWS; i++)
		if (rows[i].nr == nr)
			return true;
	/* mach_msg has programs of its own. */
	return nr == MACH_IOC_NR_MSG;
}

/* What the module answers otherwise than ENOTTY is a call. */
TEST_F(mach, each_call_has_a_row)
{
	unsigned int nr;

	for (nr = 0; nr < 256; nr++) {
		bool known = ioctl(self->task.fd, _IO(MACH_IOC_MAGIC, nr),
				   NULL) >= 0 || errno != ENOTTY;

		EXPECT_EQ(known, has_row(nr))
			TH_LOG("call %#x", nr);
	}
}

TEST_F(mach, each_allocation_of_each_call)
{
	size_t i;

	if (!mt_can_fail())
		SKIP(return, "no fault injection here");
	/* Or its doorbell would go with that of a trial, for good. */
	mt_close(&self->task);
	for (i = 0; i < ROWS; i++)
		if (rows[i].nr != MACH_IOC_NR_INHERIT)
			EXPECT_TRUE(mt_try(&rows[i].trial));
}

/*
 * The table of descriptors has to grow, and never shrinks: so each in a process
 * of its own, and no part of what is wanted.
 */
static bool try_to_grow(__s32 (*deed)(struct mt_trial *trial), bool fileport)
{
	struct mt_trial trial = {
		.what = "no descriptor", .set = set_no_fd, .act = deed,
		.end = end_no_fd, .whole = true, .kind = fileport, .least = 2,
	};
	struct rlimit many = { 1 << 16, 1 << 16 };

	mt_must(setrlimit(RLIMIT_NOFILE, &many));
	return mt_try(&trial);
}

TEST_F(mach, no_descriptor_to_poll)
{
	if (!mt_can_fail())
		SKIP(return, "no fault injection here");
	EXPECT_TRUE(try_to_grow(poll_port, false));
}

TEST_F(mach, no_descriptor_of_a_fileport)
{
	if (!mt_can_fail())
		SKIP(return, "no fault injection here");
	EXPECT_TRUE(try_to_grow(take_file, true));
}

TEST_F(mach, no_descriptor_of_a_right)
{
	if (!mt_can_fail())
		SKIP(return, "no fault injection here");
	EXPECT_TRUE(try_to_grow(make_right, false));
}

/* The tree of names that are not in the table finds no node at all. */
TEST_F(mach, no_node)
{
	struct mt_trial trial = { .kind = MACH_PORT_RIGHT_RECEIVE };

	if (!mt_can_fail())
		SKIP(return, "no fault injection here");
	trial.task = self->task;
	if (!mt_fail_nodes(true))
		SKIP(return, "not booted with slub_debug=A,radix_tree_node");
	EXPECT_EQ(KERN_RESOURCE_SHORTAGE, allocate_name(&trial));
	mt_fail_nodes(false);
	EXPECT_EQ(KERN_SUCCESS, allocate_name(&trial));
}

static bool try_inherit(void)
{
	bool good = mt_can_fail();
	size_t i;

	for (i = 0; i < ROWS; i++)
		if (rows[i].nr == MACH_IOC_NR_INHERIT)
			good &= mt_try(&rows[i].trial);
	return good;
}

/* Not mt_fork(): the child needs our file. */
TEST_F(mach, inherit)
{
	pid_t pid;

	if (!mt_can_fail())
		SKIP(return, "no fault injection here");
	parent = self->task;
	mt_must(mt_set_special(&parent, MACH_TASK_BOOTSTRAP_PORT,
			       mt_port(&parent)));
	pid = fork();
	if (!pid)
		_exit(!try_inherit());
	EXPECT_EQ(0, mt_wait_pid(pid));
}

TEST_HARNESS_MAIN
