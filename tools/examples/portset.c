// SPDX-License-Identifier: MIT
/* One loop for ports and for everything else: a port set's descriptor in
 * epoll, beside a timer. */
#include <err.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <mach/mach.h>

static mach_port_t make_member(mach_port_t set)
{
	mach_port_t port = mach_reply_port();

	if (mach_port_move_member(mach_task_self(), port, set))
		errx(1, "no port");
	return port;
}

static void watch(int epoll, int fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event))
		err(1, "epoll_ctl");
}

int main(void)
{
	struct itimerspec soon = { .it_value.tv_nsec = 200000000 };
	int epoll = epoll_create1(0), timer = timerfd_create(CLOCK_MONOTONIC, 0);
	mach_msg_header_t message = { 0 };
	struct epoll_event event;
	mach_port_t set, ports[2];
	int fd;

	mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_PORT_SET, &set);
	if (mach_port_poll_fd(set, MACH_FD_CLOEXEC, &fd))
		errx(1, "no descriptor");
	watch(epoll, fd);
	watch(epoll, timer);
	timerfd_settime(timer, 0, &soon, NULL);
	for (int i = 0; i < 2; i++) {
		ports[i] = make_member(set);
		message.msgh_bits = MACH_MSG_TYPE_MAKE_SEND;
		message.msgh_remote_port = ports[i];
		message.msgh_id = i;
		mach_msg(&message, MACH_SEND_MSG, sizeof(message), 0, 0, 0, 0);
	}
	while (epoll_wait(epoll, &event, 1, -1) == 1 && event.data.fd == fd) {
		/* Which member it was for is in the header. */
		mach_msg(&message, MACH_RCV_MSG, 0, sizeof(message), set, 0, 0);
		printf("message %d for port %d\n", message.msgh_id,
		       message.msgh_local_port == ports[1]);
	}
	printf("the timer\n");
	return 0;
}
