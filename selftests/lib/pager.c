// SPDX-License-Identifier: GPL-2.0
/*
 * A pager in user space: see pager.h.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "pager.h"

bool mt_pager_watch(struct mt_pager *pager, void *memory, unsigned long bytes,
		    __u64 mode, __u64 features)
{
	struct uffdio_api api = { .api = UFFD_API, .features = features };
	struct uffdio_register range = {
		.range = { (unsigned long)memory, bytes },
		.mode = mode,
	};

	pager->fd = syscall(SYS_userfaultfd, O_CLOEXEC);
	if (pager->fd < 0)
		return false;
	if (!ioctl(pager->fd, UFFDIO_API, &api) &&
	    !ioctl(pager->fd, UFFDIO_REGISTER, &range))
		return true;
	close(pager->fd);
	return false;
}

static void *answer(void *arg)
{
	struct mt_pager *pager = arg;
	char *page = mt_map(1);
	struct uffd_msg fault;

	memset(page, pager->fill, MT_PAGE);
	while (read(pager->fd, &fault, sizeof(fault)) == sizeof(fault)) {
		struct uffdio_copy copy = {
			.dst = fault.arg.pagefault.address & -MT_PAGE,
			.src = (unsigned long)page,
			.len = MT_PAGE,
		};

		if (fault.event == UFFD_EVENT_PAGEFAULT)
			ioctl(pager->fd, UFFDIO_COPY, &copy);
	}
	return NULL;
}

void mt_pager_answer(struct mt_pager *pager)
{
	mt_must(pthread_create(&pager->thread, NULL, answer, pager));
}

void mt_pager_protect(struct mt_pager *pager, void *memory,
		      unsigned long bytes, bool protect)
{
	struct uffdio_writeprotect range = {
		.range = { (unsigned long)memory, bytes },
		.mode = protect ? UFFDIO_WRITEPROTECT_MODE_WP : 0,
	};

	mt_must(ioctl(pager->fd, UFFDIO_WRITEPROTECT, &range));
}
