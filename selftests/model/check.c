// SPDX-License-Identifier: GPL-2.0
/*
 * Comparing the module's whole state with the model's.
 */
#include <string.h>

#include "walk.h"

/* Twenty seconds, for an emulator on a busy machine. */
#define SETTLE_STEPS	4000
#define SETTLE_STEP_MS	5

static void look(struct walk *w, unsigned long command, void *call)
{
	mt_must(mt_ioctl(&w->observer, command, call));
	(void)w;
}

static struct mach_ioc_port port_call(struct walk *w, short task, __u32 name,
				      __u32 right, unsigned long command)
{
	struct mach_ioc_port call = {
		.size = sizeof(call),
		.ret = MT_NO_RESULT,
		.task = w->seen[task],
		.name = name,
		.right = right,
	};

	look(w, command, &call);
	return call;
}

static __u64 value_call(struct walk *w, short task, __u32 name,
			unsigned long command)
{
	struct mach_ioc_value call = {
		.size = sizeof(call),
		.ret = MT_NO_RESULT,
		.task = w->seen[task],
		.name = name,
	};

	look(w, command, &call);
	if (call.ret != KERN_SUCCESS)
		m_differs(&w->m, "task %d: %#lx on the receive right %#x: %#x",
			  task, command, name, call.ret);
	return call.value;
}

static void expect_in(struct walk *w, short task, __u32 name, const char *what,
		      __u64 got, __u64 wanted)
{
	if (got != wanted)
		m_differs(&w->m, "task %d name %#x: %s is %#llx, wanted %#llx",
			  task, name, what, (unsigned long long)got,
			  (unsigned long long)wanted);
}

static void check_receive(struct walk *w, short task, __u32 name, short port)
{
	struct mach_ioc_receive_status got = {
		.size = sizeof(got),
		.ret = MT_NO_RESULT,
		.task = w->seen[task],
		.name = name,
	}, wanted;

	look(w, MACH_IOC_PORT_GET_RECEIVE_STATUS, &got);
	m_status(&w->m, port, &wanted);
	expect_in(w, task, name, "status", got.ret, KERN_SUCCESS);
	expect_in(w, task, name, "pset", got.pset, wanted.pset);
	expect_in(w, task, name, "seqno", got.seqno, wanted.seqno);
	expect_in(w, task, name, "mscount", got.mscount, wanted.mscount);
	expect_in(w, task, name, "qlimit", got.qlimit, wanted.qlimit);
	expect_in(w, task, name, "msgcount", got.msgcount, wanted.msgcount);
	expect_in(w, task, name, "sorights", got.sorights, wanted.sorights);
	expect_in(w, task, name, "srights", got.srights, wanted.srights);
	expect_in(w, task, name, "pdrequest", got.pdrequest,
		  wanted.pdrequest);
	expect_in(w, task, name, "nsrequest", got.nsrequest,
		  wanted.nsrequest);
	expect_in(w, task, name, "exact srights",
		  value_call(w, task, name, MACH_IOC_PORT_GET_SRIGHTS),
		  w->m.port[port].srights);
	expect_in(w, task, name, "dead-name requests",
		  value_call(w, task, name, MACH_IOC_PORT_DNREQUEST_INFO),
		  m_armed(&w->m, port));
}

static void check_set(struct walk *w, short task, __u32 name, short set)
{
	__u32 members[M_NAMES], i, count = 0;
	struct mach_ioc_members call = {
		.size = sizeof(call),
		.ret = MT_NO_RESULT,
		.task = w->seen[task],
		.members = (unsigned long)members,
		.name = name,
		.capacity = M_NAMES,
	};
	const struct m_entry *entry;

	look(w, MACH_IOC_PORT_GET_SET_STATUS, &call);
	expect_in(w, task, name, "set status", call.ret, KERN_SUCCESS);
	for (i = 0; i < M_PORTS; i++)
		count += w->m.port[i].alive && w->m.port[i].set == set;
	expect_in(w, task, name, "count of members", call.count, count);
	for (i = 0; i < count; i++) {
		entry = m_find(&w->m, task, members[i]);
		if (!entry || !(entry->type & MACH_PORT_TYPE_RECEIVE) ||
		    w->m.port[entry->port].set != set)
			m_differs(&w->m, "task %d: %#x is no member of set %#x",
				  task, members[i], name);
	}
}

static void check_entry(struct walk *w, short task, __u32 name,
			const struct m_entry *entry)
{
	__u32 right = MACH_PORT_RIGHT_SEND;

	if (entry->type & MACH_PORT_TYPE_DEAD_NAME)
		right = MACH_PORT_RIGHT_DEAD_NAME;
	if (entry->type & MACH_PORT_TYPE(right))
		expect_in(w, task, name, "references",
			  port_call(w, task, name, right,
				    MACH_IOC_PORT_GET_REFS).refs,
			  entry->urefs);
	if (entry->type & MACH_PORT_TYPE_RECEIVE)
		check_receive(w, task, name, entry->port);
	if (entry->type & MACH_PORT_TYPE_PORT_SET)
		check_set(w, task, name, entry->set);
}

void check_name(struct walk *w, short task, __u32 name)
{
	struct mach_ioc_port call = port_call(w, task, name, 0,
					      MACH_IOC_PORT_TYPE);
	__u32 type = 0;

	expect_in(w, task, name, "result of type", (__u32)call.ret,
		  (__u32)m_type(&w->m, task, name, &type));
	if (call.ret != KERN_SUCCESS)
		return;
	expect_in(w, task, name, "type", call.type, type);
	check_entry(w, task, name, m_find(&w->m, task, name));
}

static void check_task(struct walk *w, short task)
{
	__u32 names[M_NAMES], types[M_NAMES], i, type;
	struct mach_ioc_names call = {
		.size = sizeof(call),
		.ret = MT_NO_RESULT,
		.task = w->seen[task],
		.names = (unsigned long)names,
		.types = (unsigned long)types,
		.capacity = M_NAMES,
	};

	look(w, MACH_IOC_PORT_NAMES, &call);
	expect_in(w, task, 0, "result of names", call.ret, KERN_SUCCESS);
	expect_in(w, task, 0, "count of names", call.count,
		  w->m.task[task].count);
	for (i = 0; i < call.count; i++) {
		if (m_type(&w->m, task, names[i], &type) != KERN_SUCCESS)
			m_differs(&w->m, "task %d has the name %#x", task,
				  names[i]);
		expect_in(w, task, names[i], "type among names", types[i],
			  type);
		check_entry(w, task, names[i],
			    m_find(&w->m, task, names[i]));
	}
}

/* ---- live objects ---- */

static void expect_live(struct walk *w, const char *what, __u64 got,
			__u64 base, __u64 least, __u64 most)
{
	if (got - base < least || got - base > most)
		m_differs(&w->m, "live %s: %llu, wanted %llu to %llu", what,
			  (unsigned long long)(got - base),
			  (unsigned long long)least,
			  (unsigned long long)most);
}

static bool within(__u64 got, __u64 base, __u64 least, __u64 most)
{
	return got - base >= least && got - base <= most;
}

/*
 * A name whose port died keeps the dead port until somebody looks at the
 * name; only then can ports be counted exactly.
 */
static void check_live(struct walk *w, bool looked)
{
	struct m_census census = m_count(&w->m);
	struct mach_ioc_stats now;
	__u64 tasks = 0, most;
	int step;

	most = looked ? census.ports + census.dead_ports : ~0ULL >> 1;
	for (step = 0; step < M_TASKS; step++)
		tasks += w->m.task[step].alive;
	census.names += tasks;		/* the observer's */
	/* Each request has its notification ready. */
	census.requests += census.forced;
	census.messages += census.requests;
	for (step = 0; step < SETTLE_STEPS; step++) {
		now = mt_stats(&w->observer, MACH_STATS_MODULE);
		if (now.live_tasks - w->base.live_tasks == tasks &&
		    now.live_names - w->base.live_names == census.names &&
		    now.live_messages - w->base.live_messages ==
		    census.messages &&
		    now.live_requests - w->base.live_requests ==
		    census.requests &&
		    now.live_sets - w->base.live_sets == census.sets &&
		    within(now.live_ports, w->base.live_ports, census.ports,
			   most))
			return;
		mt_sleep(SETTLE_STEP_MS);
	}
	expect_live(w, "tasks", now.live_tasks, w->base.live_tasks, tasks,
		    tasks);
	expect_live(w, "names", now.live_names, w->base.live_names,
		    census.names, census.names);
	expect_live(w, "messages", now.live_messages, w->base.live_messages,
		    census.messages, census.messages);
	expect_live(w, "requests", now.live_requests, w->base.live_requests,
		    census.requests, census.requests);
	expect_live(w, "sets", now.live_sets, w->base.live_sets, census.sets,
		    census.sets);
	expect_live(w, "ports", now.live_ports, w->base.live_ports,
		    census.ports, most);
}

void check_settled(struct walk *w)
{
	check_live(w, false);
}

void check_everything(struct walk *w)
{
	short task;

	for (task = 0; task < w->m.tasks; task++)
		if (w->m.task[task].alive)
			check_task(w, task);
	check_live(w, true);
}
