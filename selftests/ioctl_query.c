// SPDX-License-Identifier: GPL-2.0
/*
 * VERSION, FEATURES and STATS tell what is true: the version of the header,
 * the limits in force now, what this task did; module-wide counters need
 * privilege.
 */
#include <sys/ioctl.h>

#include "lib/fixture.h"

TEST_F(mach, version)
{
	EXPECT_EQ(MACH_ABI_VERSION, ioctl(self->task.fd, MACH_IOC_VERSION));
	/* It has no argument: what stands there does not matter. */
	EXPECT_EQ(MACH_ABI_VERSION,
		  ioctl(self->task.fd, MACH_IOC_VERSION, -1L));
}

static struct mach_ioc_features features(const struct mt_task *task)
{
	struct mach_ioc_features features = { .size = sizeof(features) };

	mt_must(mt_ioctl(task, MACH_IOC_FEATURES, &features));
	return features;
}

TEST_F(mach, features)
{
	struct mach_ioc_features now = features(&self->task);

	EXPECT_EQ(sizeof(now), now.size);
	EXPECT_EQ(0U, now.flags);
	EXPECT_EQ((__u32)MACH_ABI_VERSION, now.abi_version);
	EXPECT_TRUE(now.features & MACH_FEATURE_OOL_COPY);
	EXPECT_TRUE(now.features & MACH_FEATURE_OOL_MOVE);
	EXPECT_EQ(mt_param("max_inline"), now.max_inline);
	EXPECT_EQ(mt_param("max_regions"), now.max_regions);
	EXPECT_EQ(mt_param("max_ports"), now.max_ports);
	EXPECT_EQ(mt_param("max_region_bytes"), now.max_region_bytes);
	EXPECT_EQ(mt_param("max_user_ports"), now.max_user_ports);
	EXPECT_EQ(mt_param("max_user_names"), now.max_user_names);
	EXPECT_EQ(mt_param("max_user_bytes"), now.max_user_bytes);
	EXPECT_EQ(mt_param("max_user_pages"), now.max_user_pages);
	EXPECT_EQ(mt_param("max_user_send_once"), now.max_user_send_once);
	EXPECT_EQ(mt_param("max_user_files"), now.max_user_files);
	EXPECT_TRUE(now.features & MACH_FEATURE_FDS);
}

TEST_F(mach, features_follow_parameters)
{
	mt_set_param("max_regions", 7);
	mt_set_param("max_user_pages", 777);
	EXPECT_EQ(7U, features(&self->task).max_regions);
	EXPECT_EQ(777ULL, features(&self->task).max_user_pages);
}

TEST_F(mach, stats_of_task)
{
	struct mt_task other;
	struct mach_ioc_stats stats;
	__u32 port = mt_port(&self->task);
	struct mt_message message;

	mt_open(&other);
	mt_must(mt_send_id(&self->task, port, MACH_MSG_TYPE_COPY_SEND, 1));
	mt_must(mt_send_id(&self->task, port, MACH_MSG_TYPE_COPY_SEND, 2));
	mt_must(mt_receive(&self->task, port, &message, 0));

	stats = mt_stats(&self->task, 0);
	EXPECT_EQ(2ULL, stats.messages_sent);
	EXPECT_EQ(1ULL, stats.messages_received);
	EXPECT_EQ(0ULL, stats.live_tasks);
	EXPECT_EQ(0ULL, stats.live_messages);
	EXPECT_EQ(0ULL, mt_stats(&other, 0).messages_sent);
}

TEST_F(mach, stats_of_module)
{
	__u64 tasks = mt_live(&self->task, MT_LIVE(tasks));
	__u64 ports = mt_live(&self->task, MT_LIVE(ports));
	__u64 names = mt_live(&self->task, MT_LIVE(names));
	__u64 messages = mt_live(&self->task, MT_LIVE(messages));
	__u64 bytes = mt_live(&self->task, MT_LIVE(bytes));
	__u32 port = mt_port(&self->task);
	struct mt_task other;

	EXPECT_EQ(ports + 1, mt_live(&self->task, MT_LIVE(ports)));
	EXPECT_EQ(names + 1, mt_live(&self->task, MT_LIVE(names)));
	mt_must(mt_send_id(&self->task, port, MACH_MSG_TYPE_COPY_SEND, 1));
	EXPECT_EQ(messages + 1, mt_live(&self->task, MT_LIVE(messages)));
	EXPECT_LT(bytes, mt_live(&self->task, MT_LIVE(bytes)));
	mt_open(&other);
	EXPECT_EQ(tasks + 1, mt_live(&self->task, MT_LIVE(tasks)));
	mt_close(&other);
	EXPECT_TRUE(mt_live_becomes(&self->task, MT_LIVE(tasks), tasks));
	mt_must(mt_destroy(&self->task, port));
	EXPECT_TRUE(mt_live_becomes(&self->task, MT_LIVE(messages), messages));
	EXPECT_TRUE(mt_live_becomes(&self->task, MT_LIVE(bytes), bytes));
	EXPECT_TRUE(mt_live_becomes(&self->task, MT_LIVE(ports), ports));
	EXPECT_TRUE(mt_live_becomes(&self->task, MT_LIVE(names), names));
}

TEST_F(mach, stats_of_module_need_privilege)
{
	struct mach_ioc_stats stats = {
		.size = sizeof(stats),
		.flags = MACH_STATS_MODULE,
	};

	mt_must(setresuid(65534, 65534, 65534));
	EXPECT_EQ(-EPERM, mt_ioctl(&self->task, MACH_IOC_STATS, &stats));
	stats.flags = 0;
	EXPECT_EQ(0, mt_ioctl(&self->task, MACH_IOC_STATS, &stats));
}

TEST_HARNESS_MAIN
