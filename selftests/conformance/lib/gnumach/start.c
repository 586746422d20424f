// SPDX-License-Identifier: GPL-2.0
/* The bottom on GNU Mach: system calls, what mig's stubs need, memory. */
#include <mach/mach_interface.h>
#include <mach/mach_port.h>
#include <mach/mig_support.h>

#include "runtime.h"

/* A system call has its arguments where a function has them, but for rcx. */
#define TRAP(name, number)			\
	__asm__(".globl " #name "\n"		\
		#name ":\n"			\
		"	mov $" #number ", %rax\n"	\
		"	mov %rcx, %r10\n"	\
		"	syscall\n"		\
		"	ret\n")

TRAP(mach_msg_trap, -25);
TRAP(mach_reply_port, -26);
TRAP(mach_thread_self, -27);
TRAP(mach_task_self, -28);
TRAP(mach_host_self, -29);
TRAP(mach_print, -30);
TRAP(thread_switch, -61);
TRAP(syscall_task_set_special_port, -71);
TRAP(syscall_mach_port_allocate, -72);
TRAP(syscall_mach_port_deallocate, -73);
TRAP(syscall_mach_port_insert_right, -74);
TRAP(syscall_mach_port_allocate_name, -75);

/* argc and argv are on the kernel's stack; ours has room for struct self. */
__asm__(".globl _start\n"
	"_start:\n"
	"	mov %rsp, %rdi\n"
	"	lea stacks + 65536(%rip), %rsp\n"
	"	xor %ebp, %ebp\n"
	"	call runtime_main\n");

struct stack stacks[STACKS];

static mach_port_t task_name;

struct stack *own_stack(void)
{
	uintptr_t here = (uintptr_t)__builtin_frame_address(0);

	return (struct stack *)(here & ~(STACK_SIZE - 1));
}

mach_port_t conf_task_self(void)
{
	if (task_name == MACH_PORT_NULL)
		task_name = (mach_task_self)();
	return task_name;
}

/* The memory is a copy of the creating task's; the names are not. */
void runtime_new_task(void)
{
	task_name = MACH_PORT_NULL;
	for (unsigned int i = 0; i < STACKS; i++)
		stacks[i].reply_port = MACH_PORT_NULL;
}

/*
 * Programs do not see the stub of these calls but the system call, if it can
 * do it: so does GNU's C library.  (Where a name is not a right, the stub says
 * MACH_SEND_INVALID_RIGHT and the system call KERN_INVALID_RIGHT.)
 */
#define SHORTCUT(name, types, values)			\
	int syscall_##name types;			\
	int name##_rpc types;				\
	int name types					\
	{						\
		int kr = syscall_##name values;		\
							\
		return kr == MACH_SEND_INTERRUPTED ?	\
		       name##_rpc values : kr;		\
	}

SHORTCUT(task_set_special_port,
	 (mach_port_t task, int which, mach_port_t port),
	 (task, which, port))
SHORTCUT(mach_port_allocate,
	 (mach_port_t task, mach_port_right_t right, mach_port_name_t *name),
	 (task, right, name))
SHORTCUT(mach_port_deallocate,
	 (mach_port_t task, mach_port_name_t name),
	 (task, name))
SHORTCUT(mach_port_insert_right,
	 (mach_port_t task, mach_port_name_t name, mach_port_t right,
	  mach_msg_type_name_t type),
	 (task, name, right, type))
SHORTCUT(mach_port_allocate_name,
	 (mach_port_t task, mach_port_right_t right, mach_port_name_t name),
	 (task, right, name))

mach_port_t mig_get_reply_port(void)
{
	struct stack *own = own_stack();

	if (own->reply_port == MACH_PORT_NULL)
		own->reply_port = mach_reply_port();
	return own->reply_port;
}

void mig_put_reply_port(mach_port_t port)
{
	(void)port;
}

void mig_dealloc_reply_port(mach_port_t port)
{
	own_stack()->reply_port = MACH_PORT_NULL;
	mach_port_mod_refs(mach_task_self(), port, MACH_PORT_RIGHT_RECEIVE, -1);
}

void mig_allocate(vm_address_t *address, vm_size_t size)
{
	if (vm_allocate(mach_task_self(), address, size, TRUE))
		*address = 0;
}

void mig_deallocate(vm_address_t address, vm_size_t size)
{
	vm_deallocate(mach_task_self(), address, size);
}

vm_size_t mig_strncpy(char *to, const char *from, vm_size_t bytes)
{
	vm_size_t i = 0;

	while (i + 1 < bytes && from[i]) {
		to[i] = from[i];
		i++;
	}
	if (bytes)
		to[i] = '\0';
	return i;
}

void *memcpy(void *to, const void *from, unsigned long bytes)
{
	void *start = to;

	__asm__ volatile("rep movsb"
			 : "+D"(to), "+S"(from), "+c"(bytes) : : "memory");
	return start;
}

void *memset(void *to, int value, unsigned long bytes)
{
	void *start = to;

	__asm__ volatile("rep stosb"
			 : "+D"(to), "+c"(bytes) : "a"(value) : "memory");
	return start;
}

/* As every libmach's: only an interrupted call starts again. */
mach_msg_return_t mach_msg(mach_msg_header_t *message,
			   mach_msg_option_t option,
			   mach_msg_size_t send_size,
			   mach_msg_size_t rcv_size, mach_port_t rcv_name,
			   mach_msg_timeout_t timeout, mach_port_t notify)
{
	mach_msg_return_t mr;

	do {
		mr = mach_msg_trap(message, option, send_size, rcv_size,
				   rcv_name, timeout, notify);
	} while (mr == MACH_SEND_INTERRUPTED &&
		 !(option & MACH_SEND_INTERRUPT));
	while (mr == MACH_RCV_INTERRUPTED && !(option & MACH_RCV_INTERRUPT))
		mr = mach_msg_trap(message, option & ~MACH_SEND_MSG, 0,
				   rcv_size, rcv_name, timeout, notify);
	return mr;
}
