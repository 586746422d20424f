/* SPDX-License-Identifier: MIT */
/*
 * What stubs made by mig call.  Names and meanings are those of GNU's C
 * library, which has each of them with two underscores, too.
 */
#ifndef _MACH_MIG_SUPPORT_H_
#define _MACH_MIG_SUPPORT_H_

/* Stubs use memcpy() and include nothing for it. */
#include <string.h>

#include <mach/message.h>
#include <mach/std_types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Does nothing: there is nothing to initialise. */
void mig_init(void *first);

/* Memory of size bytes, zeroed; *addr_p is 0 when there is none. */
void mig_allocate(vm_address_t *addr_p, vm_size_t size);
void mig_deallocate(vm_address_t addr, vm_size_t size);

/*
 * The calling thread's port for replies, made by its first call and destroyed
 * when the thread ends; MACH_PORT_NULL when there is none to be had.  A
 * forked child has one of its own.  Not for signal handlers.
 */
mach_port_t mig_get_reply_port(void);
/* After an RPC that went well. */
void mig_put_reply_port(mach_port_t reply_port);
/*
 * After one that did not: destroys the calling thread's reply port, whatever
 * reply_port is, so that a late reply is not taken for the next one's.
 */
void mig_dealloc_reply_port(mach_port_t reply_port);

/* Makes *reply, a mig_reply_header_t, the answer MIG_BAD_ID to *request. */
void mig_reply_setup(const mach_msg_header_t *request,
		     mach_msg_header_t *reply);

/*
 * Copies the string src into the len bytes at dst, cut if need be, always
 * terminated, the rest zeroed.  Its length without the final NUL.
 */
vm_size_t mig_strncpy(char *dst, const char *src, vm_size_t len);

void __mig_init(void *first);
void __mig_allocate(vm_address_t *addr_p, vm_size_t size);
void __mig_deallocate(vm_address_t addr, vm_size_t size);
mach_port_t __mig_get_reply_port(void);
void __mig_put_reply_port(mach_port_t reply_port);
void __mig_dealloc_reply_port(mach_port_t reply_port);
void __mig_reply_setup(const mach_msg_header_t *request,
		       mach_msg_header_t *reply);
vm_size_t __mig_strncpy(char *dst, const char *src, vm_size_t len);

#ifdef __cplusplus
}
#endif

#endif /* _MACH_MIG_SUPPORT_H_ */
