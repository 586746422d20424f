// SPDX-License-Identifier: GPL-2.0
/* vm_allocate and vm_deallocate, as far as received memory needs them. */
#include "conf.h"

static vm_address_t base;

static void at(const char *what, vm_address_t address, vm_size_t bytes)
{
	vm_address_t got = address;

	said(what, vm_allocate(mach_task_self(), &got, bytes, 0));
	if (got == address)
		say("%s, address is: as asked", what);
	else if (got >= base && got < base + 8 * PAGE)
		say("%s, address is: base and %l", what, got - base);
	else
		say("%s, address is: another", what);
}

static void gone(const char *what, vm_address_t address, vm_size_t bytes)
{
	said(what, vm_deallocate(mach_task_self(), address, bytes));
}

static void allocate(void)
{
	vm_address_t got = 5;

	group("anywhere");
	said("size 0", vm_allocate(mach_task_self(), &got, 0, 1));
	say("size 0, address is: %s", got ? "not null" : "null");
	said("8 pages", vm_allocate(mach_task_self(), &base, 8 * PAGE - 5, 1));
	say("first byte: %d", *(char *)base);
	say("last byte: %d", ((char *)base)[8 * PAGE - 1]);
	said("all memory", vm_allocate(mach_task_self(), &got, ~0UL, 1));
	said("half of all", vm_allocate(mach_task_self(), &got, ~0UL / 2, 1));
	group("at an address");
	at("taken", base, PAGE);
	gone("free two pages", base + 2 * PAGE, 2 * PAGE);
	at("between", base + 2 * PAGE + 100, 10);
	at("partly taken", base + 3 * PAGE, 2 * PAGE);
	at("free", base + 3 * PAGE, PAGE);
	at("size 0", base + 100, 0);
}

static void deallocate(void)
{
	group("deallocate");
	gone("size 0", base, 0);
	gone("one byte in the middle", base + PAGE + 100, 1);
	at("its page", base + PAGE, PAGE);
	gone("across two pages", base + 2 * PAGE - 1, 2);
	gone("the same again", base + 2 * PAGE - 1, 2);
	gone("with holes", base, 8 * PAGE);
	gone("nothing left", base, 8 * PAGE);
	at("all of it", base, 8 * PAGE);
	gone("all of it", base, 8 * PAGE);
	gone("null page", 0, PAGE);
}

PROGRAM(vm_basics)
{
	allocate();
	deallocate();
}
