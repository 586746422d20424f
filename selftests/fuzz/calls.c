// SPDX-License-Identifier: GPL-2.0
/*
 * The grammar of the calls: which field of which struct wants what.
 */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cover.h"

enum kind {
	END,
	TASK,		/* send right for a task */
	NAME,		/* also taken back into the pool */
	RIGHT,		/* MACH_PORT_RIGHT_* */
	DELTA,
	DISPOSITION,
	NOTE,		/* MACH_NOTIFY_* */
	SYNC,
	NUMBER,
	NUMBER64,
	ZERO,
	COUNT,		/* of elements of 4 bytes behind an ADDRESS */
	FLAGS,		/* the two lowest */
	ADDRESS,	/* of a buffer of BUFFER bytes */
	LENGTH,		/* of that buffer */
	RANGE,		/* 64-bit address and length */
	FILE_,		/* descriptor; taken back into the pool */
	DEVICE,		/* descriptor of /dev/mach */
	PID,
	ID,		/* of a task; taken back */
};

#define BUFFER	8192UL

struct field {
	__u8 offset, kind;
};

struct row {
	const char *name;
	unsigned long command;
	__u32 size;
	struct field field[8];
};

#define ROW(call, type)	#call, MACH_IOC_##call, sizeof(struct mach_ioc_##type)
#define AT(type, member, kind) { offsetof(struct mach_ioc_##type, member), kind }

#define PORT_ROW(call)							\
	{ ROW(call, port), { AT(port, task, TASK), AT(port, name, NAME), \
			     AT(port, right, RIGHT), AT(port, delta, DELTA) } }
#define VALUE_ROW(call, kind)						\
	{ ROW(call, value), { AT(value, task, TASK), AT(value, name, NAME), \
			      AT(value, value, kind) } }
#define NAME_ROW(call)	{ ROW(call, name), { AT(name, name, NAME) } }
#define FD_ROW(call)							\
	{ ROW(call, descriptor), { AT(descriptor, flags, FLAGS),	\
				   AT(descriptor, name, NAME),		\
				   AT(descriptor, fd, FILE_) } }
#define REGISTERED_ROW(call)						\
	{ ROW(call, registered),					\
	  { AT(registered, task, TASK), AT(registered, ports[0], NAME),	\
	    AT(registered, ports[1], NAME), AT(registered, ports[2], NAME), \
	    AT(registered, ports[3], NAME), AT(registered, count, NUMBER) } }
#define SPECIAL_ROW(call)						\
	{ ROW(call, special), { AT(special, task, TASK),		\
				AT(special, which, NUMBER),		\
				AT(special, name, NAME) } }

/* The first is message.c's. */
static const struct row rows[] = {
	{ "MSG", MACH_IOC_MSG, 0, { } },
	{ ROW(FEATURES, features), { } },
	{ ROW(STATS, stats), { AT(stats, flags, FLAGS) } },
	{ ROW(MEMORY_ORDINARY, range), { AT(range, address, RANGE) } },
	NAME_ROW(TASK_SELF),
	NAME_ROW(REPLY_PORT),
	NAME_ROW(GET_BOOTSTRAP),
	NAME_ROW(SET_BOOTSTRAP),
	NAME_ROW(THREAD_SELF),
	NAME_ROW(HOST_SELF),
	{ ROW(TASK_FOR_FILE, file),
	  { AT(file, fd, DEVICE), AT(file, name, NAME) } },
	{ ROW(INHERIT, file), { AT(file, fd, DEVICE) } },
	SPECIAL_ROW(TASK_GET_SPECIAL),
	SPECIAL_ROW(TASK_SET_SPECIAL),
	REGISTERED_ROW(PORTS_REGISTER),
	REGISTERED_ROW(PORTS_LOOKUP),
	PORT_ROW(PORT_ALLOCATE),
	PORT_ROW(PORT_ALLOCATE_NAME),
	PORT_ROW(PORT_DESTROY),
	PORT_ROW(PORT_DEALLOCATE),
	PORT_ROW(PORT_GET_REFS),
	PORT_ROW(PORT_MOD_REFS),
	PORT_ROW(PORT_TYPE),
	VALUE_ROW(PORT_RENAME, NUMBER64),
	VALUE_ROW(PORT_SET_QLIMIT, NUMBER64),
	VALUE_ROW(PORT_SET_MSCOUNT, NUMBER64),
	VALUE_ROW(PORT_SET_SEQNO, NUMBER64),
	VALUE_ROW(PORT_MOVE_MEMBER, NAME),
	VALUE_ROW(PORT_SET_PAYLOAD, NUMBER64),
	VALUE_ROW(PORT_CLEAR_PAYLOAD, ZERO),
	VALUE_ROW(PORT_GET_SRIGHTS, ZERO),
	VALUE_ROW(PORT_DNREQUEST_INFO, ZERO),
	{ ROW(PORT_INSERT_RIGHT, insert),
	  { AT(insert, task, TASK), AT(insert, name, NAME),
	    AT(insert, poly, NAME), AT(insert, poly_type, DISPOSITION) } },
	{ ROW(PORT_EXTRACT_RIGHT, extract),
	  { AT(extract, task, TASK), AT(extract, name, NAME),
	    AT(extract, disposition, DISPOSITION),
	    AT(extract, poly, NAME) } },
	{ ROW(PORT_REQUEST_NOTIFICATION, notification),
	  { AT(notification, task, TASK), AT(notification, name, NAME),
	    AT(notification, id, NOTE), AT(notification, sync, SYNC),
	    AT(notification, notify, NAME),
	    AT(notification, notify_type, DISPOSITION),
	    AT(notification, previous, NAME) } },
	{ ROW(PORT_NAMES, names),
	  { AT(names, task, TASK), AT(names, names, ADDRESS),
	    AT(names, types, ADDRESS), AT(names, capacity, COUNT) } },
	{ ROW(PORT_GET_SET_STATUS, members),
	  { AT(members, task, TASK), AT(members, members, ADDRESS),
	    AT(members, name, NAME), AT(members, capacity, COUNT) } },
	{ ROW(PORT_GET_RECEIVE_STATUS, receive_status),
	  { AT(receive_status, task, TASK), AT(receive_status, name, NAME),
	    AT(receive_status, pset, NAME) } },
	FD_ROW(PORT_POLL_FD),
	FD_ROW(FILEPORT_MAKE),
	FD_ROW(FILEPORT_FD),
	FD_ROW(RIGHT_MAKE_FD),
	FD_ROW(RIGHT_FROM_FD),
	{ ROW(TASK_IDENTITY, identity),
	  { AT(identity, task, TASK), AT(identity, task_id, ID) } },
	{ ROW(TASK_CONFIRM, confirm),
	  { AT(confirm, pid, PID), AT(confirm, task_id, ID) } },
	{ ROW(SNAPSHOT, snapshot),
	  { AT(snapshot, flags, FLAGS), AT(snapshot, task, TASK),
	    AT(snapshot, buffer, ADDRESS), AT(snapshot, length, LENGTH) } },
};

#define ROWS	(sizeof(rows) / sizeof(*rows))

_Static_assert(ROWS <= FUZZ_KINDS, "room to count them");

const char *fuzz_call_name(unsigned int row)
{
	return row < ROWS ? rows[row].name : NULL;
}

int fuzz_ioctl(struct fuzz *f, unsigned int row, int fd, unsigned long command,
	       void *arg)
{
	struct fuzz_counts *counts = f->worker->counts;
	int ret = ioctl(fd, command, arg);

	__atomic_fetch_add(&counts->steps, 1, __ATOMIC_RELAXED);
	__atomic_fetch_add(&counts->done[row], 1, __ATOMIC_RELAXED);
	return ret;
}

/* What the header of the ABI says; EINTR never. */
static bool errno_is_known(int error)
{
	switch (error) {
	case ENOTTY:
	case EINVAL:
	case E2BIG:
	case EFAULT:
	case EPERM:
	case ESTALE:
	case ENOMEM:
	case EBADF:
		return true;
	default:
		return false;
	}
}

static __u64 value_of(struct fuzz *f, enum kind kind, char *buffer)
{
	switch (kind) {
	case TASK:
		return fuzz_self(f);
	case NAME:
		return fuzz_name(f);
	case ZERO:
		return 0;
	case RIGHT:
		return fuzz_below(f, MACH_PORT_RIGHT_NUMBER + 1);
	case DELTA:
		return fuzz_once_in(f, 4) ? fuzz_number(f) :
			fuzz_below(f, 5) - 2;
	case DISPOSITION:
		return fuzz_once_in(f, 3) ? MACH_MSG_TYPE_MAKE_SEND_ONCE :
			MACH_MSG_TYPE_MOVE_RECEIVE + fuzz_below(f, 7);
	case NOTE:
		return fuzz_once_in(f, 4) ? fuzz_number(f) :
			MACH_NOTIFY_PORT_DESTROYED + fuzz_below(f, 4);
	case SYNC:
		return fuzz_once_in(f, 4) ? fuzz_number(f) : 0;
	case NUMBER:
		return fuzz_once_in(f, 4) ? fuzz_number(f) : fuzz_below(f, 6);
	case NUMBER64:
		return fuzz_once_in(f, 2) ? fuzz_number(f) : fuzz_below(f, 20);
	case COUNT:
		return fuzz_below(f, BUFFER / 4 + 1);
	case FLAGS:
		return fuzz_once_in(f, 2) ? 0 : fuzz_below(f, 4);
	case ADDRESS:
		return fuzz_once_in(f, 20) ? fuzz_number(f) : (__u64)buffer;
	case LENGTH:
		return fuzz_below(f, BUFFER + 1);
	case FILE_:
		return fuzz_file(f);
	case DEVICE:
		return fuzz_once_in(f, 2) ? fuzz_file(f) :
			f->worker->task[fuzz_below(f, FUZZ_TASKS)];
	case ID:
		return fuzz_once_in(f, 8) ? fuzz_number(f) :
			f->worker->task_id;
	case PID:
		return fuzz_once_in(f, 2) ? getpid() : getppid();
	default:
		return fuzz_number(f);
	}
}

/* How many bytes the field has. */
static unsigned int width(enum kind kind)
{
	switch (kind) {
	case NUMBER64:
	case ADDRESS:
	case LENGTH:
	case ID:
		return 8;
	case RANGE:
		return 16;
	default:
		return 4;
	}
}

static void fill(struct fuzz *f, const struct row *row, char *arg,
		 char *buffer)
{
	const struct field *field;
	struct fuzz_region range;
	__u64 value;

	for (field = row->field; field->kind != END; field++) {
		if (field->kind == RANGE) {
			range = fuzz_range(f);
			memcpy(arg + field->offset, &range, sizeof(range));
			continue;
		}
		value = value_of(f, field->kind, buffer);
		memcpy(arg + field->offset, &value, width(field->kind));
	}
}

/* One thing that is not right. */
static void damage(struct fuzz *f, char *arg, __u32 size)
{
	__u32 wrong = fuzz_number(f);

	if (fuzz_once_in(f, 3))
		memcpy(arg, &wrong, sizeof(wrong));
	else
		arg[fuzz_below(f, size)] ^= 1 << fuzz_below(f, 8);
}

/* What came back goes into the pools. */
static void harvest(struct fuzz *f, const struct row *row, const char *arg)
{
	const struct field *field;
	__u32 value;

	for (field = row->field; field->kind != END; field++) {
		memcpy(&value, arg + field->offset, sizeof(value));
		if (field->kind == NAME)
			fuzz_keep_name(f, value);
		if (field->kind == ID)
			memcpy(&f->worker->task_id, arg + field->offset,
			       sizeof(f->worker->task_id));
	}
}

/* A descriptor is new only if the call makes one. */
static bool makes_descriptor(unsigned long command)
{
	return command == MACH_IOC_PORT_POLL_FD ||
	       command == MACH_IOC_FILEPORT_FD ||
	       command == MACH_IOC_RIGHT_MAKE_FD;
}

static bool has_result(unsigned long command)
{
	return command != MACH_IOC_FEATURES && command != MACH_IOC_STATS;
}

static void judge(struct fuzz *f, unsigned int index, const char *arg, int ret)
{
	const struct row *row = &rows[index];
	__s32 result = 0;

	if (ret) {
		fuzz_answer(f, index, -errno);
		if (!errno_is_known(errno))
			fuzz_wrong(f, row->name, errno);
		return;
	}
	if (has_result(row->command))
		memcpy(&result, arg + 8, sizeof(result));
	fuzz_answer(f, index, result);
	if (result)
		return;
	__atomic_fetch_add(&f->worker->counts->good[index], 1,
			   __ATOMIC_RELAXED);
	harvest(f, row, arg);
	if (makes_descriptor(row->command))
		fuzz_keep_file(f, ((struct mach_ioc_descriptor *)arg)->fd);
}

/* What was there before the call, damaged perhaps, is no address of theirs. */
static void forget_own(char *arg, const char *asked, unsigned long bytes)
{
	unsigned long i;

	for (i = 4; i < bytes; i += 8)
		if (!memcmp(arg + i, asked + i, 4))
			memset(arg + i, 0, 4);
}

void fuzz_call(struct fuzz *f)
{
	unsigned int index = 1 + fuzz_below(f, ROWS - 1);
	const struct row *row = &rows[index];
	char buffer[BUFFER] __attribute__((aligned(8)));
	char arg[512] __attribute__((aligned(8)));
	char asked[sizeof(arg)];
	void *where = arg;
	int ret;

	memset(arg, 0, sizeof(arg));
	memset(buffer, 0, sizeof(buffer));
	memcpy(arg, &row->size, sizeof(row->size));
	fill(f, row, arg, buffer);
	if (fuzz_once_in(f, 30))
		damage(f, arg, row->size);
	/* Memory that goes away meanwhile, or was never there. */
	if (fuzz_once_in(f, 100))
		where = fuzz_range(f).address;
	memcpy(asked, arg, sizeof(arg));
	ret = fuzz_ioctl(f, index, fuzz_task(f), row->command, where);
	if (where != arg)
		return;
	judge(f, index, arg, ret);
	forget_own(arg, asked, sizeof(arg));
	fuzz_check_words(f, row->name, arg, sizeof(arg));
	fuzz_check_words(f, row->name, buffer, sizeof(buffer));
}
