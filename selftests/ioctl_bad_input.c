// SPDX-License-Identifier: GPL-2.0
/*
 * Every ioctl refuses what it does not understand, as <linux/mach.h> says:
 * EINVAL for a short struct, unknown flags and padding, E2BIG for a tail that
 * is not zero, EFAULT for memory it cannot use, ENOTTY for no such command;
 * and takes the first version of a struct as well as a later, longer one.
 */
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "lib/fixture.h"

/* Any of the structs, with room for a tail of a later version. */
union argument {
	struct {
		__u32 size;
		__u32 flags;
	};
	struct mach_ioc_features features;
	struct mach_ioc_stats stats;
	struct mach_ioc_msg msg;
	struct mach_ioc_name name;
	struct mach_ioc_port port;
	struct mach_ioc_insert insert;
	struct mach_ioc_extract extract;
	struct mach_ioc_notification notification;
	struct mach_ioc_value value;
	struct mach_ioc_names names;
	struct mach_ioc_members members;
	struct mach_ioc_receive_status status;
	struct mach_ioc_file file;
	struct mach_ioc_special special;
	struct mach_ioc_registered registered;
	struct mach_ioc_descriptor descriptor;
	__u8 bytes[MT_PAGE];
};

struct command {
	const char *name;
	unsigned long number;
	__u32 size;		/* of the first version */
	__u32 grown;		/* bytes that later versions have more */
	__u32 known_flags;
	__u32 pad;		/* offset, or 0 */
};

static const struct command commands[] = {
	{ "FEATURES", MACH_IOC_FEATURES, 80, 16, 0, 0 },
	{ "STATS", MACH_IOC_STATS, 248, 16, MACH_STATS_MODULE, 0 },
	{ "MSG", MACH_IOC_MSG, 48, 8, MACH_MSG_ORDINARY, 44 },
	{ "MEMORY_ORDINARY", MACH_IOC_MEMORY_ORDINARY, 32, 0, 0, 12 },
	{ "TASK_SELF", MACH_IOC_TASK_SELF, 16, 0, 0, 0 },
	{ "THREAD_SELF", MACH_IOC_THREAD_SELF, 16, 0, 0, 0 },
	{ "HOST_SELF", MACH_IOC_HOST_SELF, 16, 0, 0, 0 },
	{ "REPLY_PORT", MACH_IOC_REPLY_PORT, 16, 0, 0, 0 },
	{ "GET_BOOTSTRAP", MACH_IOC_GET_BOOTSTRAP, 16, 0, 0, 0 },
	{ "SET_BOOTSTRAP", MACH_IOC_SET_BOOTSTRAP, 16, 0, 0, 0 },
	{ "TASK_FOR_FILE", MACH_IOC_TASK_FOR_FILE, 24, 0, 0, 20 },
	{ "INHERIT", MACH_IOC_INHERIT, 24, 0, 0, 20 },
	{ "TASK_GET_SPECIAL", MACH_IOC_TASK_GET_SPECIAL, 24, 0, 0, 0 },
	{ "TASK_SET_SPECIAL", MACH_IOC_TASK_SET_SPECIAL, 24, 0, 0, 0 },
	{ "PORTS_REGISTER", MACH_IOC_PORTS_REGISTER, 40, 0, 0, 36 },
	{ "PORTS_LOOKUP", MACH_IOC_PORTS_LOOKUP, 40, 0, 0, 36 },
	{ "PORT_ALLOCATE", MACH_IOC_PORT_ALLOCATE, 40, 0, 0, 36 },
	{ "PORT_ALLOCATE_NAME", MACH_IOC_PORT_ALLOCATE_NAME, 40, 0, 0, 36 },
	{ "PORT_DESTROY", MACH_IOC_PORT_DESTROY, 40, 0, 0, 36 },
	{ "PORT_DEALLOCATE", MACH_IOC_PORT_DEALLOCATE, 40, 0, 0, 36 },
	{ "PORT_GET_REFS", MACH_IOC_PORT_GET_REFS, 40, 0, 0, 36 },
	{ "PORT_MOD_REFS", MACH_IOC_PORT_MOD_REFS, 40, 0, 0, 36 },
	{ "PORT_TYPE", MACH_IOC_PORT_TYPE, 40, 0, 0, 36 },
	{ "PORT_RENAME", MACH_IOC_PORT_RENAME, 32, 0, 0, 20 },
	{ "PORT_SET_QLIMIT", MACH_IOC_PORT_SET_QLIMIT, 32, 0, 0, 20 },
	{ "PORT_SET_MSCOUNT", MACH_IOC_PORT_SET_MSCOUNT, 32, 0, 0, 20 },
	{ "PORT_SET_SEQNO", MACH_IOC_PORT_SET_SEQNO, 32, 0, 0, 20 },
	{ "PORT_MOVE_MEMBER", MACH_IOC_PORT_MOVE_MEMBER, 32, 0, 0, 20 },
	{ "PORT_SET_PAYLOAD", MACH_IOC_PORT_SET_PAYLOAD, 32, 0, 0, 20 },
	{ "PORT_CLEAR_PAYLOAD", MACH_IOC_PORT_CLEAR_PAYLOAD, 32, 0, 0, 20 },
	{ "PORT_GET_SRIGHTS", MACH_IOC_PORT_GET_SRIGHTS, 32, 0, 0, 20 },
	{ "PORT_DNREQUEST_INFO", MACH_IOC_PORT_DNREQUEST_INFO, 32, 0, 0, 20 },
	{ "PORT_NAMES", MACH_IOC_PORT_NAMES, 40, 0, 0, 0 },
	{ "PORT_GET_SET_STATUS", MACH_IOC_PORT_GET_SET_STATUS, 40, 0, 0, 36 },
	{ "PORT_GET_RECEIVE_STATUS", MACH_IOC_PORT_GET_RECEIVE_STATUS, 56, 0,
	  0, 0 },
	{ "PORT_EXTRACT_RIGHT", MACH_IOC_PORT_EXTRACT_RIGHT, 32, 0, 0, 0 },
	{ "PORT_INSERT_RIGHT", MACH_IOC_PORT_INSERT_RIGHT, 32, 0, 0, 28 },
	{ "PORT_REQUEST_NOTIFICATION", MACH_IOC_PORT_REQUEST_NOTIFICATION, 40,
	  0, 0, 0 },
	{ "PORT_POLL_FD", MACH_IOC_PORT_POLL_FD, 24, 0, MACH_FD_CLOEXEC, 20 },
	{ "FILEPORT_MAKE", MACH_IOC_FILEPORT_MAKE, 24, 0, 0, 20 },
	{ "FILEPORT_FD", MACH_IOC_FILEPORT_FD, 24, 0, MACH_FD_CLOEXEC, 20 },
	{ "RIGHT_MAKE_FD", MACH_IOC_RIGHT_MAKE_FD, 24, 0,
	  MACH_FD_CLOEXEC | MACH_FD_MOVE, 20 },
	{ "RIGHT_FROM_FD", MACH_IOC_RIGHT_FROM_FD, 24, 0, 0, 20 },
	{ "TASK_IDENTITY", MACH_IOC_TASK_IDENTITY, 40, 0, 0, 36 },
	{ "TASK_CONFIRM", MACH_IOC_TASK_CONFIRM, 24, 0, 0, 0 },
	{ "SNAPSHOT", MACH_IOC_SNAPSHOT, 40, 0, MACH_SNAPSHOT_ALL, 0 },
};

#define each_command(command)						\
	for (const struct command *command = commands;			\
	     command < commands + ARRAY_SIZE(commands); command++)

/* A call that works on nothing: names 0, no option. */
static void prepare(union argument *argument, __u32 size)
{
	memset(argument, 0, sizeof(*argument));
	argument->size = size;
}

static int call(const struct mt_task *task, const struct command *command,
		void *argument)
{
	/* A descriptor that is 0 must be a file of the device. */
	mt_check(dup2(task->fd, 0) == 0);
	return mt_ioctl(task, command->number, argument);
}

TEST_F(mach, first_version_accepted)
{
	union argument argument;

	each_command(command) {
		prepare(&argument, command->size);
		EXPECT_EQ(0, call(&self->task, command, &argument))
			TH_LOG("%s", command->name);
	}
}

TEST_F(mach, size_too_small)
{
	static const __u32 less[] = { 1, 4, 8 };
	union argument argument;

	each_command(command) {
		for (size_t i = 0; i < ARRAY_SIZE(less); i++) {
			prepare(&argument, command->size - less[i]);
			EXPECT_EQ(-EINVAL,
				  call(&self->task, command, &argument))
				TH_LOG("%s -%u", command->name, less[i]);
		}
		for (__u32 size = 0; size <= 8; size++) {
			prepare(&argument, size);
			EXPECT_EQ(-EINVAL,
				  call(&self->task, command, &argument))
				TH_LOG("%s %u", command->name, size);
		}
	}
}

TEST_F(mach, zero_tail_accepted)
{
	union argument argument;

	each_command(command) {
		prepare(&argument, command->size + command->grown);
		EXPECT_EQ(0, call(&self->task, command, &argument))
			TH_LOG("%s", command->name);
		prepare(&argument, command->size + command->grown + 8);
		EXPECT_EQ(0, call(&self->task, command, &argument))
			TH_LOG("%s", command->name);
		prepare(&argument, sizeof(argument));
		EXPECT_EQ(0, call(&self->task, command, &argument))
			TH_LOG("%s", command->name);
	}
}

TEST_F(mach, tail_not_zero)
{
	union argument argument;

	each_command(command) {
		__u32 known = command->size + command->grown;

		prepare(&argument, known + 8);
		argument.bytes[known] = 1;
		EXPECT_EQ(-E2BIG, call(&self->task, command, &argument))
			TH_LOG("%s", command->name);
		prepare(&argument, sizeof(argument));
		argument.bytes[sizeof(argument) - 1] = 0x80;
		EXPECT_EQ(-E2BIG, call(&self->task, command, &argument))
			TH_LOG("%s", command->name);
	}
}

TEST_F(mach, size_huge)
{
	static const __u32 sizes[] = { MT_PAGE + 8, 1U << 31, ~0U };
	union argument *argument = mt_map(1);

	/* Nothing is mapped behind the page. */
	each_command(command) {
		for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
			int ret;

			prepare(argument, sizes[i]);
			ret = call(&self->task, command, argument);
			EXPECT_TRUE(ret == -E2BIG || ret == -EFAULT)
				TH_LOG("%s %u: %d", command->name, sizes[i],
				       ret);
		}
	}
}

TEST_F(mach, bytes_behind_size_untouched)
{
	union argument argument;

	each_command(command) {
		prepare(&argument, command->size);
		memset(argument.bytes + command->size, MT_POISON,
		       sizeof(argument) - command->size);
		ASSERT_EQ(0, call(&self->task, command, &argument));
		for (size_t i = command->size; i < sizeof(argument); i++) {
			ASSERT_EQ(MT_POISON, argument.bytes[i])
				TH_LOG("%s byte %zu", command->name, i);
		}
	}
}

TEST_F(mach, unknown_flags)
{
	union argument argument;

	each_command(command) {
		for (int bit = 0; bit < 32; bit++) {
			if (command->known_flags & (1U << bit))
				continue;
			prepare(&argument, command->size);
			argument.flags = 1U << bit;
			EXPECT_EQ(-EINVAL,
				  call(&self->task, command, &argument))
				TH_LOG("%s bit %d", command->name, bit);
		}
	}
}

TEST_F(mach, padding)
{
	union argument argument;

	each_command(command) {
		if (!command->pad)
			continue;
		for (__u32 byte = 0; byte < 4; byte++) {
			prepare(&argument, command->size);
			argument.bytes[command->pad + byte] = 1;
			EXPECT_EQ(-EINVAL,
				  call(&self->task, command, &argument))
				TH_LOG("%s byte %u", command->name, byte);
		}
	}
}

TEST_F(mach, bad_address)
{
	char *pages = mt_map(3);
	/* Not mapped; kernel; not canonical; unreadable; last bytes. */
	void *bad[] = {
		NULL, (void *)8UL, (void *)-4096L, (void *)-1L,
		(void *)0x8000000000000000UL, pages + MT_PAGE,
		pages + MT_PAGE - 4, pages + MT_PAGE - 12,
	};

	mt_must(mprotect(pages + MT_PAGE, MT_PAGE, PROT_NONE));
	each_command(command) {
		for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
			memset(pages, 0, MT_PAGE);
			memcpy(pages + MT_PAGE - 4, &command->size, 4);
			memcpy(pages + MT_PAGE - 12, &command->size, 4);
			EXPECT_EQ(-EFAULT,
				  call(&self->task, command, bad[i]))
				TH_LOG("%s %p", command->name, bad[i]);
		}
	}
}

TEST_F(mach, read_only_address)
{
	union argument *argument = mt_map(1);

	each_command(command) {
		mt_must(mprotect(argument, MT_PAGE, PROT_READ | PROT_WRITE));
		prepare(argument, command->size);
		mt_must(mprotect(argument, MT_PAGE, PROT_READ));
		EXPECT_EQ(-EFAULT, call(&self->task, command, argument))
			TH_LOG("%s", command->name);
	}
}

TEST_F(mach, unknown_command)
{
	static const unsigned long unknown[] = {
		_IO(MACH_IOC_MAGIC, 0x03), _IO(MACH_IOC_MAGIC, 0x07),
		_IO(MACH_IOC_MAGIC, 0x0a), _IO(MACH_IOC_MAGIC, 0x0f),
		_IO(MACH_IOC_MAGIC, 0x1c), _IO(MACH_IOC_MAGIC, 0x1f),
		_IO(MACH_IOC_MAGIC, 0x36), _IO(MACH_IOC_MAGIC, 0x60),
		_IO(MACH_IOC_MAGIC, 0xff),
		_IO(MACH_IOC_MAGIC - 1, MACH_IOC_NR_MSG),
		_IO(MACH_IOC_MAGIC + 1, MACH_IOC_NR_MSG), 0, ~0U,
		_IOR(MACH_IOC_MAGIC, MACH_IOC_NR_MSG, struct mach_ioc_msg),
		_IOW(MACH_IOC_MAGIC, MACH_IOC_NR_MSG, struct mach_ioc_msg),
		_IOWR(MACH_IOC_MAGIC, MACH_IOC_NR_MSG, struct mach_ioc_msg),
	};
	union argument argument;

	for (size_t i = 0; i < ARRAY_SIZE(unknown); i++) {
		prepare(&argument, sizeof(argument));
		EXPECT_EQ(-ENOTTY,
			  mt_ioctl(&self->task, unknown[i], &argument))
			TH_LOG("%#lx", unknown[i]);
	}
}

#ifdef __x86_64__
/* ioctl(2) as a 32-bit program calls it; elsewhere it takes one. */
static long ioctl32(int fd, unsigned int command, unsigned int argument)
{
	long ret = 54;		/* __NR_ioctl of i386 */

	asm volatile("int $0x80"
		     : "+a" (ret)
		     : "b" (fd), "c" (command), "d" (argument)
		     : "memory");
	return ret;
}

TEST_F(mach, N43_32_bit_caller)
{
	void *low = mmap(NULL, MT_PAGE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);

	ASSERT_NE(MAP_FAILED, low);
	EXPECT_EQ(-ENOTTY, ioctl32(self->task.fd, MACH_IOC_VERSION, 0));
	each_command(command) {
		prepare(low, command->size);
		EXPECT_EQ(-ENOTTY, ioctl32(self->task.fd, command->number,
					   (unsigned long)low))
			TH_LOG("%s", command->name);
	}
}
#endif

TEST_F(mach, user_mmap_refused)
{
	static const int protections[] = {
		PROT_NONE, PROT_READ, PROT_READ | PROT_WRITE,
	};
	static const off_t offsets[] = { 0, MT_PAGE, 1L << 40 };

	for (size_t i = 0; i < ARRAY_SIZE(protections); i++) {
		for (size_t j = 0; j < ARRAY_SIZE(offsets); j++) {
			EXPECT_EQ(MAP_FAILED,
				  mmap(NULL, MT_PAGE, protections[i],
				       MAP_SHARED, self->task.fd, offsets[j]));
			EXPECT_EQ(ENODEV, errno);
			EXPECT_EQ(MAP_FAILED,
				  mmap(NULL, MT_PAGE, protections[i],
				       MAP_PRIVATE, self->task.fd,
				       offsets[j]));
			EXPECT_EQ(ENODEV, errno);
		}
	}
}

TEST_HARNESS_MAIN
