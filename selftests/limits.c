// SPDX-License-Identifier: GPL-2.0
/*
 * Every limit has its error, and exceeding it has no other effect: for
 * messages SEND_NO_BUFFER with all rights and memory in place, for port calls
 * KERN_RESOURCE_SHORTAGE (K10; spec 6, N25, N32, N41).
 */
#include "lib/fixture.h"
#include "lib/listing.h"

/* One of everything that a message can take from its sender. */
struct goods {
	__u32 port, receive, send, once;
	char *memory;
	struct mt_message message;
};

#define GOODS_RIGHTS	3
#define GOODS_BYTES	(4 * MT_PAGE)

static void pack(struct goods *goods, const struct mt_task *task)
{
	goods->port = mt_port(task);
	goods->receive = mt_receive_right(task);
	goods->send = mt_port(task);
	goods->once = mt_make_send_once(task, goods->port);
	goods->memory = mt_map_filled(4, 1);
	mt_begin(&goods->message, goods->port, MACH_MSG_TYPE_MOVE_SEND);
	mt_put_right(&goods->message, goods->receive,
		     MACH_MSG_TYPE_MOVE_RECEIVE);
	mt_put_right(&goods->message, goods->send, MACH_MSG_TYPE_MOVE_SEND);
	mt_put_right(&goods->message, goods->once,
		     MACH_MSG_TYPE_MOVE_SEND_ONCE);
	mt_put_memory(&goods->message, goods->memory, 2 * MT_PAGE,
		      MACH_MSG_DESC_DEALLOCATE);
	mt_put_memory(&goods->message, goods->memory + 2 * MT_PAGE,
		      2 * MT_PAGE, MACH_MSG_DESC_DEALLOCATE);
}

static bool untouched(const struct goods *goods, const struct mt_task *task)
{
	return mt_refs(task, goods->port, MACH_PORT_RIGHT_SEND) == 1 &&
	       mt_types(task, goods->receive) == MACH_PORT_TYPE_RECEIVE &&
	       mt_refs(task, goods->send, MACH_PORT_RIGHT_SEND) == 1 &&
	       mt_types(task, goods->once) == MACH_PORT_TYPE_SEND_ONCE &&
	       mt_holds(goods->memory, GOODS_BYTES, 1) &&
	       mt_empty(task, goods->port);
}

/* The message fails while @name is @too_low and passes at @enough. */
#define EXPECT_LIMIT(name, too_low, enough)				\
	do {								\
		struct goods goods;					\
									\
		pack(&goods, &self->task);				\
		mt_set_param(name, too_low);				\
		EXPECT_EQ(MACH_SEND_NO_BUFFER,				\
			  mt_send(&self->task, &goods.message));	\
		EXPECT_TRUE(untouched(&goods, &self->task));		\
		mt_set_param(name, enough);				\
		EXPECT_EQ(MACH_MSG_SUCCESS,				\
			  mt_send(&self->task, &goods.message));	\
		EXPECT_FALSE(mt_mapped(goods.memory));			\
	} while (0)

TEST_F(mach, max_inline)
{
	/* 32 bytes of header, 3 rights and 2 regions of 16. */
	EXPECT_LIMIT("max_inline", 104, 112);
}

TEST_F(mach, max_regions)
{
	EXPECT_LIMIT("max_regions", 1, 2);
}

TEST_F(mach, max_ports)
{
	EXPECT_LIMIT("max_ports", GOODS_RIGHTS - 1, GOODS_RIGHTS);
}

TEST_F(mach, max_region_bytes)
{
	EXPECT_LIMIT("max_region_bytes", GOODS_BYTES - 1, GOODS_BYTES);
}

TEST_F(mach, max_region_bytes_sums_in_64_bits)
{
	__u32 port = mt_port(&self->task);
	char *memory = mt_map_filled(1, 1);
	struct mt_message message;

	mt_set_param("max_region_bytes", 1ULL << 33);
	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	for (int i = 0; i < 3; i++)
		mt_put_memory(&message, memory, ~0U, 0);
	EXPECT_EQ(MACH_SEND_NO_BUFFER, mt_send(&self->task, &message));
}

TEST_F(mach, simple_message_has_no_items)
{
	struct goods goods;

	pack(&goods, &self->task);
	mt_set_param("max_regions", 0);
	mt_set_param("max_ports", 0);
	mt_set_param("max_region_bytes", 0);
	EXPECT_EQ(MACH_MSG_SUCCESS,
		  mt_send_id(&self->task, goods.port,
			     MACH_MSG_TYPE_COPY_SEND, 1));
	goods.message.head.bits &= ~MACH_MSGH_BITS_COMPLEX;
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_send(&self->task, &goods.message));
}

/* ---- per user; a user who owns nothing has room for all of the limit ---- */

FIXTURE(user) {
	struct mt_task task;
};

FIXTURE_SETUP(user)
{
	const char *reason = mt_unavailable();

	if (reason)
		SKIP(_exit(MT_EXIT_SKIP), "%s", reason);
	mt_supervise();
	mt_become_fresh_user();
	mt_open(&self->task);
}

FIXTURE_TEARDOWN(user)
{
}

/* What the account of @task's user has been charged. */
static struct mach_snapshot_task charged(const struct mt_task *task)
{
	const struct mach_snapshot_task *record;
	struct mach_snapshot_task copy;
	struct mt_listing listing;

	mt_list(task, task->self, &listing);
	record = (const void *)mt_next_record(&listing, NULL);
	mt_check(record && record->kind == MACH_SNAPSHOT_TASK);
	copy = *record;
	mt_free_listing(&listing);
	return copy;
}

TEST_F(user, max_user_ports)
{
	const struct mt_task *task = &self->task;
	__u32 names[100], name;
	/* The task has ports, too. */
	int count = charged(task).user_ports, own = count;

	mt_set_param("max_user_ports", 20);
	while (count < 100 && mt_allocate(task, MACH_PORT_RIGHT_RECEIVE,
					  &names[count]) == KERN_SUCCESS)
		count++;
	EXPECT_GT(5, own);
	EXPECT_EQ(20, count);
	EXPECT_EQ(20ULL, charged(task).user_ports);
	EXPECT_EQ(KERN_RESOURCE_SHORTAGE,
		  mt_allocate(task, MACH_PORT_RIGHT_RECEIVE, &name));
	name = MACH_PORT_NULL;
	EXPECT_EQ(KERN_RESOURCE_SHORTAGE,
		  mt_name_call(task, MACH_IOC_REPLY_PORT, &name));
	EXPECT_EQ(MACH_PORT_NULL, name);
	mt_must(mt_destroy(task, names[own]));
	EXPECT_EQ(KERN_SUCCESS,
		  mt_allocate(task, MACH_PORT_RIGHT_RECEIVE, &name));
}

TEST_F(user, max_user_names)
{
	const struct mt_task *task = &self->task;
	__u32 names[100], name;
	int count = 0;

	mt_set_param("max_user_names", 20);
	while (count < 100 && mt_allocate(task, MACH_PORT_RIGHT_DEAD_NAME,
					  &names[count]) == KERN_SUCCESS)
		count++;
	EXPECT_EQ(19, count);	/* and the name of the task */
	EXPECT_EQ(KERN_RESOURCE_SHORTAGE,
		  mt_allocate(task, MACH_PORT_RIGHT_DEAD_NAME, &name));
	EXPECT_EQ(KERN_RESOURCE_SHORTAGE,
		  mt_allocate(task, MACH_PORT_RIGHT_RECEIVE, &name));
	mt_must(mt_deallocate(task, names[0]));
	EXPECT_EQ(KERN_SUCCESS,
		  mt_allocate(task, MACH_PORT_RIGHT_RECEIVE, &name));
	EXPECT_EQ(KERN_RESOURCE_SHORTAGE,
		  mt_insert(task, MT_UNUSED, name,
			    MACH_MSG_TYPE_MAKE_SEND_ONCE));
	/* The failed insert gave the right back to its port. */
	EXPECT_TRUE(mt_notified(task, name, MACH_NOTIFY_SEND_ONCE, 0));
	EXPECT_EQ(KERN_SUCCESS,
		  mt_insert(task, name, name, MACH_MSG_TYPE_MAKE_SEND));
}

/* K8, N15: a receiver without names gets NULL and destroys the rights. */
TEST_F(user, max_user_names_at_receive)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), other = mt_receive_right(task);
	struct mt_message message;
	__s32 ret;

	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_put_right(&message, other, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	mt_put_right(&message, other, MACH_MSG_TYPE_MAKE_SEND);
	mt_put_right(&message, other, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	mt_must(mt_send(task, &message));
	mt_set_param("max_user_names", 4);	/* task, port, other, one */
	ret = mt_receive(task, port, &message, 0);
	EXPECT_EQ(MACH_RCV_BODY_ERROR, ret & ~MACH_MSG_MASK);
	EXPECT_TRUE(ret & (MACH_MSG_IPC_SPACE | MACH_MSG_IPC_KERNEL));
	EXPECT_FALSE(ret & (MACH_MSG_VM_SPACE | MACH_MSG_VM_KERNEL));
	message.size = message.head.size;
	EXPECT_EQ(MACH_PORT_TYPE_SEND_ONCE,
		  mt_types(task, mt_right(&message, 0)));
	EXPECT_EQ(other, mt_right(&message, 1));
	EXPECT_EQ(MACH_PORT_NULL, mt_right(&message, 2));
	EXPECT_TRUE(mt_notified(task, other, MACH_NOTIFY_SEND_ONCE, 0));
}

/* The same for the reply right: the whole message is lost (class X). */
TEST_F(user, max_user_names_for_the_reply)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), reply = mt_receive_right(task);
	struct mt_message message;
	__s32 ret;

	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_reply_to(&message, reply, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	message.head.id = 10;
	mt_must(mt_send(task, &message));
	mt_set_param("max_user_names", 3);
	ret = mt_receive(task, port, &message, 0);
	EXPECT_EQ(MACH_RCV_HEADER_ERROR, ret & ~MACH_MSG_MASK);
	EXPECT_TRUE(ret & (MACH_MSG_IPC_SPACE | MACH_MSG_IPC_KERNEL));
	EXPECT_EQ(MACH_PORT_NULL, message.head.remote_port);
	EXPECT_EQ(port, message.head.local_port);
	EXPECT_EQ(10U, message.head.id);
	EXPECT_TRUE(mt_notified(task, reply, MACH_NOTIFY_SEND_ONCE, 0));
	EXPECT_TRUE(mt_empty(task, port));
}

/* To the byte: three messages need three times what one is charged. */
TEST_F(user, max_user_bytes_is_exact)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	struct mt_message message;
	__u64 before, each;

	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	message.size = 1000;
	before = charged(task).user_bytes;
	mt_must(mt_send(task, &message));
	each = charged(task).user_bytes - before;
	EXPECT_LE(1000ULL, each);
	mt_set_param("max_user_bytes", before + 3 * each - 1);
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_send(task, &message));
	EXPECT_EQ(MACH_SEND_NO_BUFFER, mt_send(task, &message));
	EXPECT_EQ(before + 2 * each, charged(task).user_bytes);
	mt_set_param("max_user_bytes", before + 3 * each);
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_send(task, &message));
	EXPECT_EQ(MACH_SEND_NO_BUFFER, mt_send(task, &message));
	mt_must(mt_destroy(task, port));
	EXPECT_EQ(before, charged(task).user_bytes);
}

TEST_F(user, max_user_bytes)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	struct mt_message message;
	int count = 0;

	mt_set_param("max_user_bytes", 64 * 1024);
	mt_begin(&message, port, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	message.size = 8192;
	while (count < 100 && mt_send(task, &message) == MACH_MSG_SUCCESS)
		count++;
	EXPECT_LT(4, count);
	EXPECT_GE(8, count);
	EXPECT_EQ(MACH_SEND_NO_BUFFER, mt_send(task, &message));
	mt_must(mt_receive(task, port, &message, 0));
	mt_begin(&message, port, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	message.size = 8192;
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_send(task, &message));
	mt_must(mt_destroy(task, port));
	/* Bodies must not be free of charge, nor what they carry. */
	port = mt_receive_right(task);
	mt_begin(&message, port, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	for (count = 0; count < 100000; count++)
		if (mt_send(task, &message) != MACH_MSG_SUCCESS)
			break;
	EXPECT_GE(64 * 1024 / 32, count);
}

TEST_F(user, max_user_bytes_without_effect)
{
	struct goods goods;

	pack(&goods, &self->task);
	mt_set_param("max_user_bytes", 16);
	EXPECT_EQ(MACH_SEND_NO_BUFFER,
		  mt_send(&self->task, &goods.message));
	mt_set_param("max_user_bytes", 1 << 20);
	EXPECT_TRUE(untouched(&goods, &self->task));
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_send(&self->task, &goods.message));
}

TEST_F(user, max_user_pages)
{
	static const __u64 flags[] = { 0, MACH_MSG_DESC_DEALLOCATE };
	static const __u64 share_min[] = { 0, 1 << 30 };
	const struct mt_task *task = &self->task;
	char *memory = mt_map_filled(40, 1), *first, *second;
	__u32 port = mt_port(task);

	for (int i = 0; i < 4; i++) {
		mt_set_param("share_min", share_min[i / 2]);
		mt_set_param("max_user_pages", 39);
		EXPECT_EQ(MACH_SEND_NO_BUFFER,
			  mt_send_memory(task, port, MACH_MSG_TYPE_COPY_SEND,
					 memory, 40 * MT_PAGE, flags[i % 2]))
			TH_LOG("case %d", i);
		EXPECT_TRUE(mt_holds(memory, 40 * MT_PAGE, 1));
	}
	mt_share_all();
	mt_set_param("max_user_pages", 80);
	first = mt_pass_memory(task, memory, 40 * MT_PAGE, 0);
	second = mt_pass_memory(task, memory, 40 * MT_PAGE, 0);
	EXPECT_EQ(MACH_SEND_NO_BUFFER,
		  mt_send_memory(task, port, MACH_MSG_TYPE_COPY_SEND, memory,
				 MT_PAGE, 0));
	mt_unmap(first, 40 * MT_PAGE);
	EXPECT_EQ(MACH_MSG_SUCCESS,
		  mt_send_memory(task, port, MACH_MSG_TYPE_COPY_SEND, memory,
				 40 * MT_PAGE, 0));
	EXPECT_TRUE(mt_holds(second, 40 * MT_PAGE, 1));
}

TEST_F(user, max_user_pages_with_rights_before)
{
	struct goods goods;

	/* The second region is one too many: nothing of the first goes. */
	pack(&goods, &self->task);
	mt_set_param("max_user_pages", 3);
	EXPECT_EQ(MACH_SEND_NO_BUFFER,
		  mt_send(&self->task, &goods.message));
	EXPECT_TRUE(untouched(&goods, &self->task));
}

TEST_F(user, max_user_send_once)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), previous, once;
	struct mt_message message;
	int count;

	once = mt_make_send_once(task, port);
	mt_set_param("max_user_send_once", 10);
	for (count = 0; count < 100; count++)
		if (mt_send_id(task, port, MACH_MSG_TYPE_MAKE_SEND_ONCE, 1))
			break;
	EXPECT_EQ(9, count);
	EXPECT_EQ(MACH_SEND_NO_BUFFER,
		  mt_send_id(task, port, MACH_MSG_TYPE_MAKE_SEND_ONCE, 1));
	/* As a reply right and in a body. */
	mt_begin(&message, port, MACH_MSG_TYPE_MOVE_SEND);
	mt_reply_to(&message, port, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	EXPECT_EQ(MACH_SEND_NO_BUFFER, mt_send_wait(task, &message, 0));
	EXPECT_EQ(1U, mt_refs(task, port, MACH_PORT_RIGHT_SEND));
	mt_begin(&message, port, MACH_MSG_TYPE_MOVE_SEND);
	mt_put_right(&message, once, MACH_MSG_TYPE_MOVE_SEND_ONCE);
	mt_put_right(&message, port, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	EXPECT_EQ(MACH_SEND_NO_BUFFER, mt_send_wait(task, &message, 0));
	EXPECT_EQ(1U, mt_refs(task, port, MACH_PORT_RIGHT_SEND));
	EXPECT_EQ(MACH_PORT_TYPE_SEND_ONCE, mt_types(task, once));
	/* And in port calls. */
	EXPECT_EQ(KERN_RESOURCE_SHORTAGE,
		  mt_insert(task, MT_UNUSED, port,
			    MACH_MSG_TYPE_MAKE_SEND_ONCE));
	EXPECT_EQ(KERN_RESOURCE_SHORTAGE,
		  mt_request(task, port, MACH_NOTIFY_DEAD_NAME, 0, port,
			     MACH_MSG_TYPE_MAKE_SEND_ONCE, &previous));
	mt_must(mt_receive(task, port, &message, 0));
	EXPECT_EQ(MACH_MSG_SUCCESS,
		  mt_send_id(task, port, MACH_MSG_TYPE_MAKE_SEND_ONCE, 1));
}

/* What one user uses up is no other user's loss. */
TEST_F(user, users_do_not_share_limits)
{
	struct mt_task other;
	__u32 name;

	mt_set_param("max_user_ports", 5);
	while (mt_allocate(&self->task, MACH_PORT_RIGHT_RECEIVE, &name) ==
	       KERN_SUCCESS)
		;
	mt_must(setresuid(54322, 0, 0));
	mt_open(&other);
	EXPECT_EQ(KERN_SUCCESS,
		  mt_allocate(&other, MACH_PORT_RIGHT_RECEIVE, &name));
}

/* Messages to send-once rights that it makes; until it may not. */
static int flood(const struct mt_task *task, __u32 port)
{
	int count = 0;

	while (count < 100 &&
	       !mt_send_id(task, port, MACH_MSG_TYPE_MAKE_SEND_ONCE, 1))
		count++;
	return count;
}

/* Who makes a send-once right pays for it, whoever made the port. */
TEST_F(user, N32_send_once_rights_are_their_makers)
{
	const struct mt_task *task = &self->task;
	__u32 own = mt_port(task), passed = mt_receive_right(task);
	struct mt_message message;
	struct mt_task other;

	mt_must(setresuid(54322, 0, 0));
	mt_open(&other);
	passed = mt_transfer(task, &other, passed, MACH_MSG_TYPE_MOVE_RECEIVE);
	mt_set_param("max_user_send_once", 20);
	EXPECT_EQ(20, flood(&other, passed));
	EXPECT_EQ(20ULL, charged(&other).user_send_once);
	EXPECT_EQ(0ULL, charged(task).user_send_once);
	EXPECT_EQ(20, flood(task, own));
	EXPECT_EQ(20ULL, charged(task).user_send_once);
	/* One goes: there is room for one, whoever's account is full. */
	mt_must(mt_receive(&other, passed, &message, 0));
	EXPECT_EQ(19ULL, charged(&other).user_send_once);
	mt_begin(&message, mt_port(&other), MACH_MSG_TYPE_COPY_SEND);
	mt_put_right(&message, passed, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	EXPECT_EQ(MACH_MSG_SUCCESS, mt_send_wait(&other, &message, 0));
	EXPECT_EQ(20ULL, charged(&other).user_send_once);
	/* Back to its maker, with the rights that the other made. */
	passed = mt_transfer(&other, task, passed, MACH_MSG_TYPE_MOVE_RECEIVE);
	for (int i = 0; i < 10; i++)
		mt_must(mt_receive(task, passed, &message, 0));
	EXPECT_EQ(10ULL, charged(&other).user_send_once);
	EXPECT_EQ(20ULL, charged(task).user_send_once);
	mt_must(mt_destroy(task, passed));
	EXPECT_EQ(0ULL, charged(&other).user_send_once);
	mt_must(mt_destroy(task, own));
	EXPECT_EQ(0ULL, charged(task).user_send_once);
}

TEST_HARNESS_MAIN
