/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The calls on the port names of a task: one function per ioctl, as struct
 * mach_call has them.
 */
#ifndef MACH_PORT_CALLS_H
#define MACH_PORT_CALLS_H

struct mach_space;

/* struct mach_ioc_port */
int mach_call_port_allocate(struct mach_space *space, void *args);
int mach_call_port_allocate_name(struct mach_space *space, void *args);
int mach_call_port_destroy(struct mach_space *space, void *args);
int mach_call_port_deallocate(struct mach_space *space, void *args);
int mach_call_port_get_refs(struct mach_space *space, void *args);
int mach_call_port_mod_refs(struct mach_space *space, void *args);
int mach_call_port_type(struct mach_space *space, void *args);

/* struct mach_ioc_value */
int mach_call_port_rename(struct mach_space *space, void *args);
int mach_call_port_set_qlimit(struct mach_space *space, void *args);
int mach_call_port_set_mscount(struct mach_space *space, void *args);
int mach_call_port_set_seqno(struct mach_space *space, void *args);
int mach_call_port_move_member(struct mach_space *space, void *args);
int mach_call_port_set_payload(struct mach_space *space, void *args);
int mach_call_port_clear_payload(struct mach_space *space, void *args);
int mach_call_port_get_srights(struct mach_space *space, void *args);
int mach_call_port_dnrequest_info(struct mach_space *space, void *args);

/* one struct each */
int mach_call_port_receive_status(struct mach_space *space, void *args);
int mach_call_port_names(struct mach_space *space, void *args);
int mach_call_port_set_status(struct mach_space *space, void *args);
int mach_call_port_insert_right(struct mach_space *space, void *args);
int mach_call_port_extract_right(struct mach_space *space, void *args);
int mach_call_port_request_notification(struct mach_space *space, void *args);

#endif /* MACH_PORT_CALLS_H */
