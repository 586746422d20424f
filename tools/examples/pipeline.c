// SPDX-License-Identifier: MIT
/* Three processes in a row.  A block moves on with its pages: nobody copies
 * it, and whoever has sent it has it no longer. */
#include <err.h>
#include <stdio.h>
#include <unistd.h>
#include <mach/mach.h>

#define BLOCKS	8
#define WORDS	(1 << 18)		/* of 8 bytes: 2 MiB */

struct block {
	mach_msg_header_t head;
	mach_msg_type_t type;
	long *words;
};

static void move_on(struct block *block, mach_port_t to)
{
	block->head = (mach_msg_header_t){
		MACH_MSGH_BITS_COMPLEX | MACH_MSG_TYPE_COPY_SEND,
		.msgh_remote_port = to };
	block->type = (mach_msg_type_t){
		.msgt_name = MACH_MSG_TYPE_INTEGER_64, .msgt_size = 64,
		.msgt_number = WORDS, .msgt_deallocate = TRUE };
	if (mach_msg(&block->head, MACH_SEND_MSG, sizeof(*block), 0, 0, 0, 0))
		errx(1, "sending");
}

int main(void)
{
	mach_port_t port = MACH_PORT_NULL, next = MACH_PORT_NULL;
	struct block block;
	int stage = 0;

	/* Each process forks the one before it, and is its bootstrap port. */
	do {
		task_get_bootstrap_port(mach_task_self(), &next);
		port = mach_reply_port();
		mach_port_insert_right(mach_task_self(), port, port,
				       MACH_MSG_TYPE_MAKE_SEND);
		task_set_bootstrap_port(mach_task_self(), port);
	} while (++stage < 3 && fork() == 0);
	for (long i = 0; i < BLOCKS; i++) {
		if (stage < 3)
			mach_msg(&block.head, MACH_RCV_MSG, 0, sizeof(block),
				 port, 0, 0);
		else
			vm_allocate(mach_task_self(),
				    (vm_address_t *)&block.words, WORDS * 8, 1);
		block.words[i] += stage;
		if (stage > 1)
			move_on(&block, next);
		else
			printf("block %ld: %ld\n", i, block.words[i]);
	}
	return 0;
}
