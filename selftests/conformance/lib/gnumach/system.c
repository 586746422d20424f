// SPDX-License-Identifier: GPL-2.0
/* Programs, threads and peers on GNU Mach: conf.h and system.h. */
#include <mach/mach_host.h>
#include <mach/mach_interface.h>
#include <mach/thread_info.h>
#include <mach/machine/thread_status.h>
#include <mach/thread_switch.h>
#include <mach/vm_prot.h>

#include "conf.h"
#include "runtime.h"
#include "system.h"

#define PROGRAM_SECONDS	(60 + (int)walk_steps / 50)

/* Shared by a program and its peer. */
struct area {
	void (*volatile body)(void);	/* what the peer runs now */
	volatile int peer_ready;	/* it has its own names */
	volatile unsigned long words[64];
	char group[GROUP_SIZE];
};

static struct area *area;
volatile unsigned long *shared;

char *system_group(void)
{
	static char empty[GROUP_SIZE];

	return area ? area->group : empty;
}

static mach_port_t threads[THREADS];
static void (*thread_bodies[THREADS])(void);
static volatile int thread_ended[THREADS];
static mach_port_t peer_task, peer_thread;

void system_write(const char *text)
{
	mach_print(text);
}

/*
 * The kernel keeps up to 64 freed names and gives out the newest first; when
 * it has 64 it forgets what is freed.  So a full store of other names keeps a
 * letter that was freed from coming back as a new name.
 */
void system_spare_names(void)
{
	static mach_port_name_t next;

	for (unsigned int i = 0; i < 8; i++, next++) {
		mach_port_name_t name = 0x5000 + next % 0x1000;

		if (!mach_port_allocate_name(mach_task_self(),
					     MACH_PORT_RIGHT_DEAD_NAME, name))
			mach_port_destroy(mach_task_self(), name);
	}
}

void system_exit(void)
{
	task_terminate(mach_task_self());
	for (;;)
		;
}

static void wait_ms(int milliseconds)
{
	thread_switch(MACH_PORT_NULL, SWITCH_OPTION_WAIT, milliseconds);
}

void rest(void)
{
	wait_ms(20);
}

void set_access(void *address, unsigned long bytes, enum access access)
{
	static const int protection[] = {
		VM_PROT_NONE, VM_PROT_READ, VM_PROT_READ | VM_PROT_WRITE,
	};

	must("vm_protect", vm_protect(mach_task_self(), (vm_address_t)address,
				      bytes, FALSE, protection[access]));
}

/* ---- threads ---- */

/* A thread of task that starts in body, on a stack of its own. */
static mach_port_t new_thread(mach_port_t task, unsigned int stack,
			      void (*body)(unsigned long),
			      unsigned long argument)
{
	struct i386_thread_state state = { 0 };
	mach_port_t thread;

	must("thread_create", thread_create(task, &thread));
	state.rip = (uintptr_t)body;
	state.rdi = argument;
	/* As after a call. */
	state.ursp = (uintptr_t)&stacks[stack + 1] - 8;
	must("thread_set_state",
	     thread_set_state(thread, i386_THREAD_STATE,
			      (thread_state_t)&state, i386_THREAD_STATE_COUNT));
	must("thread_resume", thread_resume(thread));
	return thread;
}

static int is_waiting(mach_port_t thread)
{
	thread_basic_info_data_t info;
	mach_msg_type_number_t count = THREAD_BASIC_INFO_COUNT;

	must("thread_info", thread_info(thread, THREAD_BASIC_INFO,
					(thread_info_t)&info, &count));
	return info.run_state == TH_STATE_WAITING;
}

static void until_waiting(mach_port_t thread)
{
	int seen = 0;

	while (seen < 3) {
		seen = is_waiting(thread) ? seen + 1 : 0;
		rest();
	}
}

static void thread_main(unsigned long thread)
{
	thread_bodies[thread]();
	thread_ended[thread] = 1;
	thread_terminate(mach_thread_self());
	for (;;)
		;
}

void thread_start(int thread, void (*body)(void))
{
	thread_bodies[thread] = body;
	thread_ended[thread] = 0;
	stacks[thread + 1].reply_port = MACH_PORT_NULL;
	threads[thread] = new_thread(mach_task_self(),
				     (unsigned int)thread + 1, thread_main,
				     (unsigned long)thread);
}

void thread_blocked(int thread)
{
	until_waiting(threads[thread]);
}

void thread_join(int thread)
{
	while (!thread_ended[thread])
		wait_ms(5);
}

void thread_interrupt(int thread)
{
	must("thread_abort", thread_abort(threads[thread]));
}

/* ---- tasks ---- */

static void first_spare_names(void)
{
	for (unsigned int i = 0; i < 8; i++)
		system_spare_names();
}

/* A task that starts as a copy of this one, without its port names. */
static mach_port_t new_task(void (*body)(unsigned long),
			    unsigned long argument, mach_port_t *thread)
{
	mach_port_t task;

	must("task_create", task_create(mach_task_self(), TRUE, &task));
	*thread = new_thread(task, 0, body, argument);
	return task;
}

static void peer_main(unsigned long unused)
{
	(void)unused;
	runtime_new_task();
	first_spare_names();
	area->peer_ready = 1;
	for (;;) {
		while (!area->body)
			wait_ms(5);
		area->body();
		area->body = NULL;
	}
}

mach_port_t peer(void)
{
	if (peer_task != MACH_PORT_NULL)
		return peer_task;
	area->peer_ready = 0;
	peer_task = new_task(peer_main, 0, &peer_thread);
	while (!area->peer_ready)
		wait_ms(1);
	system_spare_names();
	return peer_task;
}

void peer_start(void (*body)(void))
{
	peer();
	area->body = body;
}

void peer_blocked(void)
{
	until_waiting(peer_thread);
}

void peer_wait(void)
{
	while (area->body)
		wait_ms(5);
}

void in_peer(void (*body)(void))
{
	peer_start(body);
	peer_wait();
}

void peer_kill(void)
{
	mach_port_type_t type = 0;

	must("task_terminate", task_terminate(peer_task));
	while (!mach_port_type(mach_task_self(), peer_task, &type) &&
	       !(type & MACH_PORT_TYPE_DEAD_NAME))
		wait_ms(5);
	discard(peer_task);
	discard(peer_thread);
	peer_task = MACH_PORT_NULL;
	area->body = NULL;
}

/* ---- the programs, one after the other ---- */

static void program_main(unsigned long index)
{
	runtime_new_task();
	first_spare_names();
	say_begin(programs[index].name);
	programs[index].body();
	if (peer_task != MACH_PORT_NULL)
		peer_kill();
	say_end();
	system_exit();
}

static void new_area(void)
{
	vm_address_t address = 0;

	must("vm_allocate", vm_allocate(mach_task_self(), &address,
					sizeof(*area), TRUE));
	must("vm_inherit", vm_inherit(mach_task_self(), address, sizeof(*area),
				      VM_INHERIT_SHARE));
	area = (struct area *)address;
	shared = area->words;
}

/* A program that ends or crashes leaves a dead name, one that hangs not. */
static void run(unsigned int index)
{
	mach_port_t task, thread;
	mach_port_type_t type = 0;
	int left = PROGRAM_SECONDS * 1000;

	new_area();
	task = new_task(program_main, index, &thread);
	while (!(type & MACH_PORT_TYPE_DEAD_NAME) && left) {
		wait_ms(10);
		left -= 10;
		mach_port_type(mach_task_self(), task, &type);
	}
	task_terminate(task);
	discard(task);
	discard(thread);
	vm_deallocate(mach_task_self(), (vm_address_t)area, sizeof(*area));
	area = NULL;
}

static int equal(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

/* All programs, or those that the arguments name. */
static int wanted(const char *name, long number, const long *names)
{
	for (long i = 0; i < number; i++)
		if (equal(name, (const char *)names[i]))
			return 1;
	return !number;
}

/* argv: the module's name, the host's port, numbers, names of programs. */
void runtime_main(const long *arguments)
{
	mach_port_t host = 0;
	long number;

	for (const char *c = (const char *)arguments[2]; *c; c++)
		host = host * 10 + (mach_port_t)(*c - '0');
	for (number = 2; number < arguments[0]; number++)
		if (!take_argument((const char *)arguments[number + 1]))
			break;
	for (unsigned int i = 0; programs[i].name; i++)
		if (wanted(programs[i].name, arguments[0] - number,
			   &arguments[number + 1]))
			run(i);
	say_begin("all");
	say_end();
	host_reboot(host, 0);
	for (;;)
		;
}
