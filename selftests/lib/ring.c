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

int mt_ring_register(struct mt_ring *ring, int fd)
{
	return syscall(SYS_io_uring_register, ring->fd,
		       IORING_REGISTER_FILES, &fd, 1);
}

/* The next submission, cleared. */
static struct io_uring_sqe *next_sqe(struct mt_ring *ring)
{
	struct io_uring_sqe *sqe = &ring->sqes[*ring->tail & *ring->mask];

	memset(sqe, 0, sizeof(*sqe));
	return sqe;
}

/* Submits it, and waits for @wanted completions. */
static void submit(struct mt_ring *ring, unsigned int wanted)
{
	unsigned int slot = *ring->tail & *ring->mask;

	ring->array[slot] = slot;
	__atomic_store_n(ring->tail, *ring->tail + 1, __ATOMIC_RELEASE);
	mt_check(syscall(SYS_io_uring_enter, ring->fd, 1, wanted,
			 IORING_ENTER_GETEVENTS, NULL, 0) == 1);
}

bool mt_ring_done(const struct mt_ring *ring)
{
	return __atomic_load_n(ring->end, __ATOMIC_ACQUIRE) != *ring->head;
}

/* The result of the first completion. */
static int take_result(struct mt_ring *ring)
{
	unsigned int head = *ring->head;
	int result;

	mt_check(mt_ring_done(ring));
	result = ring->cqes[head & *ring->end_mask].res;
	__atomic_store_n(ring->head, head + 1, __ATOMIC_RELEASE);
	return result;
}

void mt_ring_read(struct mt_ring *ring, int fd, void *address,
		  unsigned long bytes)
{
	struct io_uring_sqe *sqe = next_sqe(ring);

	sqe->opcode = IORING_OP_READ_FIXED;
	sqe->fd = fd;
	sqe->addr = (unsigned long)address;
	sqe->len = bytes;
	submit(ring, 1);
	mt_check(take_result(ring) == (int)bytes);
}

void mt_ring_poll(struct mt_ring *ring, int fd, unsigned int events)
{
	struct io_uring_sqe *sqe = next_sqe(ring);

	sqe->opcode = IORING_OP_POLL_ADD;
	sqe->fd = fd;
	sqe->poll32_events = events;
	submit(ring, 0);
}

int mt_ring_wait(struct mt_ring *ring)
{
	/* May be interrupted by the work that the completion brings. */
	while (!mt_ring_done(ring))
		syscall(SYS_io_uring_enter, ring->fd, 0, 1,
			IORING_ENTER_GETEVENTS, NULL, 0);
	return take_result(ring);
}
