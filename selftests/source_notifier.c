// SPDX-License-Identifier: GPL-2.0
/*
 * Processes whose memory a second MMU uses (a virtual machine, a device): what
 * they send is copied, what they receive is ordinary memory (spec 3.3;
 * kernel.md 9).
 *
 * On any kernel a virtual machine that never runs will do (/dev/kvm, which
 * needs no more than an emulated SVM or VMX); a kernel with CONFIG_TEST_HMM
 * has a device that writes through page tables of its own.
 */
#include <fcntl.h>
#include <linux/kvm.h>
#include <sys/ioctl.h>

#include "lib/fixture.h"
#include "lib/source.h"

#define PAGES	16
#define BYTES	(PAGES * MT_PAGE)

#define NO_SECOND_MMU	"neither /dev/kvm nor a test device is here"

/* From lib/test_hmm_uapi.h of the kernel, which is not exported. */
struct device_command {
	__u64 address;
	__u64 buffer;
	__u64 pages;
	__u64 done;
	__u64 faults;
};

#define DEVICE_READ	_IOWR('H', 0x00, struct device_command)
#define DEVICE_WRITE	_IOWR('H', 0x01, struct device_command)
#define DEVICE_TAKE	_IOWR('H', 0x02, struct device_command)
#define DEVICE_EXCLUDE	_IOWR('H', 0x05, struct device_command)

static int open_device(void)
{
	return open("/dev/hmm_dmirror0", O_RDWR | O_CLOEXEC);
}

/* From now on this mm has notifiers. */
static bool add_notifier(void)
{
	int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);

	if (kvm >= 0 && ioctl(kvm, KVM_CREATE_VM, 0) >= 0)
		return true;
	return open_device() >= 0;
}

static struct mt_source filled(char *memory, unsigned long pages)
{
	mt_check(memory);
	return (struct mt_source) {
		.memory = memory,
		.bytes = pages * MT_PAGE,
		.want = mt_map_filled(pages, 1),
		.reasons = MT_REASON(NOTIFIER) | MT_REASON(EDGE),
	};
}

static void make_small(struct mt_source *source, void *arg)
{
	(void)arg;
	*source = filled(mt_map_filled(PAGES, 1), PAGES);
}

static void make_huge(struct mt_source *source, void *arg)
{
	(void)arg;
	*source = filled(mt_map_huge(1, 1), 512);
}

TEST_F_TIMEOUT(mach, S3_3_second_mmu_at_the_sender, 120)
{
	char *huge = mt_map_huge(1, 0);

	mt_source_begin();
	if (!add_notifier())
		SKIP(return, NO_SECOND_MMU);
	mt_source_all_ways(&self->task, make_small, NULL);
	if (huge)
		mt_source_all_ways(&self->task, make_huge, NULL);
}

/* It comes when the message is on its way, or received already. */
TEST_F(mach, S3_3_second_mmu_comes_later)
{
	__u32 port = mt_port(&self->task);
	struct mt_source source;
	char *received, *later;

	mt_source_begin();
	make_small(&source, NULL);
	source.shared = PAGES;
	received = mt_source_copy(&self->task, &source);
	mt_must(mt_send_memory(&self->task, port, MACH_MSG_TYPE_COPY_SEND,
			       source.memory, BYTES, 0));
	if (!add_notifier())
		SKIP(return, NO_SECOND_MMU);
	later = mt_receive_memory(&self->task, port);
	mt_source_apart(&source, received);
	EXPECT_TRUE(mt_source_arrived(&source, later));
	mt_source_apart(&source, later);
	EXPECT_TRUE(mt_all(received, BYTES, MT_BY_RECEIVER));
}

/* What it received before is sent on: by copying, too. */
TEST_F(mach, S3_3_received_before_the_second_mmu)
{
	struct mt_source source;
	char *memory;

	mt_source_begin();
	memory = mt_map_filled(PAGES, 1);
	source = filled(mt_pass_memory(&self->task, memory, BYTES, 0), PAGES);
	if (!add_notifier())
		SKIP(return, NO_SECOND_MMU);
	mt_source_apart(&source, mt_source_copy(&self->task, &source));
	memcpy(source.memory, source.want, BYTES);
	mt_source_move(&self->task, &source);
	EXPECT_TRUE(mt_holds(memory, BYTES, 1));
}

/* ---- at the receiver ---- */

static void receive_with_second_mmu(struct mt_side *side, void *arg)
{
	char *received;

	(void)arg;
	mt_tell(side->to, add_notifier());
	received = mt_receive_memory(&side->task, side->port);
	mt_check(mt_holds(received, BYTES, 1));
	mt_tell(side->to, (unsigned long)received);
	mt_tell(side->to, mt_vm_flag(received, "io"));
	mt_await(side->from);
	mt_check(mt_holds(received, BYTES, 1));
	memset(received, 'r', BYTES);
	mt_tell(side->to, 0);
	mt_await(side->from);
	mt_check(mt_all(received, BYTES, 'r'));
}

/* Sends to such a process, by copy or by move, and then writes itself. */
static bool gets_ordinary_memory(const struct mt_task *task,
				 struct mt_peer peer, bool move)
{
	char *memory = mt_map_filled(PAGES, 1);
	bool special;

	mt_must(mt_send_memory(task, peer.right, MACH_MSG_TYPE_COPY_SEND,
			       memory, BYTES,
			       move ? MACH_MSG_DESC_DEALLOCATE : 0));
	mt_await(peer.from);
	special = mt_await(peer.from);
	if (!move)
		memset(memory, 's', BYTES);
	mt_tell(peer.to, 0);
	mt_await(peer.from);
	if (!move)
		mt_check(mt_all(memory, BYTES, 's'));
	mt_tell(peer.to, 0);
	mt_must(mt_join(&peer));
	return !special;
}

TEST_F(mach, S3_3_second_mmu_at_the_receiver)
{
	struct mt_peer peer;

	mt_source_begin();
	for (int move = 0; move < 2; move++) {
		mt_spawn(&peer, &self->task, receive_with_second_mmu, NULL);
		if (!mt_await(peer.from)) {
			mt_kill(&peer);
			SKIP(return, NO_SECOND_MMU);
		}
		EXPECT_TRUE(gets_ordinary_memory(&self->task, peer, move))
			TH_LOG("move %d", move);
	}
}

/* ---- a device that writes ---- */

static void command(int device, unsigned long request, void *address,
		    void *buffer)
{
	struct device_command command = {
		.address = (unsigned long)address,
		.buffer = (unsigned long)buffer,
		.pages = PAGES,
	};

	mt_must(ioctl(device, request, &command));
	mt_check(command.done == PAGES);
}

/* The device's page table lets it write; it does so again after the send. */
TEST_F(mach, N7_device_writes)
{
	char *input = mt_map_filled(PAGES, 2), *back = mt_map(PAGES);
	char *received, *moved;
	struct mt_source source;
	int device = open_device();

	if (device < 0)
		SKIP(return, "no test device: CONFIG_TEST_HMM");
	mt_source_begin();
	make_small(&source, NULL);
	command(device, DEVICE_WRITE, source.memory, (void *)source.want);
	received = mt_source_copy(&self->task, &source);
	command(device, DEVICE_WRITE, source.memory, input);
	EXPECT_TRUE(mt_holds(source.memory, BYTES, 2));
	EXPECT_TRUE(mt_source_arrived(&source, received));
	memset(received, 'r', BYTES);
	command(device, DEVICE_READ, source.memory, back);
	EXPECT_TRUE(mt_holds(back, BYTES, 2));

	/* Given away: the device cannot write there any more. */
	moved = mt_move_memory(&self->task, source.memory, BYTES);
	EXPECT_TRUE(mt_holds(moved, BYTES, 2));
	EXPECT_TRUE(mt_all(received, BYTES, 'r'));
}

/* Pages that are in the device's memory, or that it has to itself. */
static void make_taken(struct mt_source *source, void *arg)
{
	static int device = -1;
	static char *buffer;

	if (device < 0) {
		device = open_device();
		buffer = mt_map_filled(PAGES, 1);
	}
	*source = filled(mt_map_filled(PAGES, 1), PAGES);
	command(device, *(unsigned long *)arg, source->memory, buffer);
}

TEST_F(mach, S3_3_in_the_memory_of_a_device)
{
	static unsigned long ways[] = { DEVICE_TAKE, DEVICE_EXCLUDE };
	int device = open_device();

	if (device < 0)
		SKIP(return, "no test device: CONFIG_TEST_HMM");
	close(device);
	mt_source_begin();
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++)
		mt_source_all_ways(&self->task, make_taken, &ways[i]);
}

TEST_HARNESS_MAIN
