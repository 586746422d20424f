// SPDX-License-Identifier: GPL-2.0
/*
 * Rights from one task to another, by bootstrap port and message.
 */
#include <errno.h>
#include <pthread.h>
#include <sys/mman.h>

#include "mach_test.h"

/*
 * The bootstrap port is the instance's: two threads or processes of a test that
 * hand over by it at once would get each other's port.  So the lock is shared
 * with children, and one that dies with it leaves it to the others.
 */
static pthread_mutex_t *bootstrap;

__attribute__((constructor))
static void make_lock(void)
{
	pthread_mutexattr_t attr;

	bootstrap = mmap(NULL, MT_PAGE, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	mt_check(bootstrap != MAP_FAILED);
	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	mt_check(!pthread_mutex_init(bootstrap, &attr));
}

static void lock_bootstrap(void)
{
	int error = pthread_mutex_lock(bootstrap);

	if (error == EOWNERDEAD)
		error = pthread_mutex_consistent(bootstrap);
	mt_check(!error);
}

static void unlock_bootstrap(void)
{
	mt_check(!pthread_mutex_unlock(bootstrap));
}

__u32 mt_make_send_once(const struct mt_task *task, __u32 port)
{
	return mt_transfer(task, task, port, MACH_MSG_TYPE_MAKE_SEND_ONCE);
}

__u32 mt_connect(const struct mt_task *from, const struct mt_task *to,
		 __u32 port)
{
	__u32 saved = MACH_PORT_NULL, name = MACH_PORT_NULL, offered = port;

	lock_bootstrap();
	mt_must(mt_name_call(to, MACH_IOC_GET_BOOTSTRAP, &saved));
	mt_make_send(to, port);
	mt_must(mt_name_call(to, MACH_IOC_SET_BOOTSTRAP, &offered));
	mt_must(mt_name_call(from, MACH_IOC_GET_BOOTSTRAP, &name));
	offered = saved;
	mt_must(mt_name_call(to, MACH_IOC_SET_BOOTSTRAP, &offered));
	unlock_bootstrap();
	mt_must(mt_deallocate(to, port));
	if (saved != MACH_PORT_NULL)
		mt_must(mt_deallocate(to, saved));
	return name;
}

__u32 mt_transfer(const struct mt_task *from, const struct mt_task *to,
		  __u32 name, __u32 disposition)
{
	__u32 port = mt_receive_right(to);
	struct mt_message message;

	if (from->fd == to->fd)
		mt_begin(&message, port, MACH_MSG_TYPE_MAKE_SEND);
	else
		mt_begin(&message, mt_connect(from, to, port),
			 MACH_MSG_TYPE_MOVE_SEND);
	mt_put_right(&message, name, disposition);
	mt_must(mt_send(from, &message));
	mt_must(mt_receive(to, port, &message, 0));
	mt_must(mt_destroy(to, port));
	return mt_right(&message, 0);
}

__u32 mt_task_right(const struct mt_task *of, const struct mt_task *whose)
{
	return mt_transfer(whose, of, whose->self, MACH_MSG_TYPE_COPY_SEND);
}
