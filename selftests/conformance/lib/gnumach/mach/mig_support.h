/* SPDX-License-Identifier: GPL-2.0 */
/* What the stubs of mig call. */
#ifndef MIG_SUPPORT_H
#define MIG_SUPPORT_H

#include <mach/mach_traps.h>
#include <mach/std_types.h>

void *memcpy(void *to, const void *from, unsigned long bytes);
void mig_allocate(vm_address_t *address, vm_size_t size);
void mig_deallocate(vm_address_t address, vm_size_t size);
mach_port_t mig_get_reply_port(void);
void mig_put_reply_port(mach_port_t port);
void mig_dealloc_reply_port(mach_port_t port);
vm_size_t mig_strncpy(char *to, const char *from, vm_size_t bytes);

#endif /* MIG_SUPPORT_H */
