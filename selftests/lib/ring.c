// SPDX-License-Identifier: GPL-2.0
/*
 * An io_uring with one entry: see ring.h.
 */
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "ring.h"

static void *map_ring(struct mt_ring *ring, unsigned long bytes, off_t what)
{
	void *address = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_POPULATE, ring->fd, what);

	mt_check(address != MAP_FAILED);
	return address;
}

bool mt_ring_start(struct mt_ring *ring)
{
	struct io_uring_params params = { 0 };
	char *sq, *cq;

	ring->fd = syscall(SYS_io_uring_setup, 1, &params);
	if (ring->fd < 0)
		return false;
	sq = map_ring(ring, params.sq_off.array +
			    params.sq_entries * sizeof(__u32),
		      IORING_OFF_SQ_RING);
	cq = map_ring(ring, params.cq_off.cqes +
			    params.cq_entries * sizeof(struct io_uring_cqe),
		      IORING_OFF_CQ_RING);
	ring->sqes = map_ring(ring, params.sq_entries *
				    sizeof(struct io_uring_sqe),
			      IORING_OFF_SQES);
	ring->tail = (void *)(sq + params.sq_off.tail);
	ring->mask = (void *)(sq + params.sq_off.ring_mask);
	ring->array = (void *)(sq + params.sq_off.array);
	ring->head = (void *)(cq + params.cq_off.head);
	ring->end = (void *)(cq + params.cq_off.tail);
	ring->end_mask = (void *)(cq + params.cq_off.ring_mask);
	ring->cqes = (void *)(cq + params.cq_off.cqes);
	return true;
}

void mt_ring_pin(struct mt_ring *ring, void *address, unsigned long bytes)
{
	struct iovec vector = { address, bytes };

	mt_must(syscall(SYS_io_uring_register, ring->fd,
			IORING_REGISTER_BUFFERS, &vector, 1));
}

void mt_ring_unpin(struct mt_ring *ring)
{
	mt_must(syscall(SYS_io_uring_register, ring->fd,
			IORING_UNREGISTER_BUFFERS, NULL, 0));
}

void mt_ring_read(struct mt_ring *ring, int fd, void *address,
		  unsigned long bytes)
{
	unsigned int slot = *ring->tail & *ring->mask, head = *ring->head;

	memset(&ring->sqes[slot], 0, sizeof(ring->sqes[slot]));
	ring->sqes[slot].opcode = IORING_OP_READ_FIXED;
	ring->sqes[slot].fd = fd;
	ring->sqes[slot].addr = (unsigned long)address;
	ring->sqes[slot].len = bytes;
	ring->array[slot] = slot;
	__atomic_store_n(ring->tail, *ring->tail + 1, __ATOMIC_RELEASE);
	mt_check(syscall(SYS_io_uring_enter, ring->fd, 1, 1,
			 IORING_ENTER_GETEVENTS, NULL, 0) == 1);
	mt_check(__atomic_load_n(ring->end, __ATOMIC_ACQUIRE) == head + 1);
	mt_check(ring->cqes[head & *ring->end_mask].res == (int)bytes);
	__atomic_store_n(ring->head, head + 1, __ATOMIC_RELEASE);
}
