/* SPDX-License-Identifier: GPL-2.0 */
/* Where mig would put its header for device.defs: what start.c has of it. */
#include <device/device_types.h>
#include <mach/mach_types.h>

kern_return_t device_open(mach_port_t master, dev_mode_t mode,
			  const_dev_name_t name, device_t *device);
kern_return_t device_map(device_t device, vm_prot_t prot, vm_offset_t offset,
			 vm_size_t size, mach_port_t *pager, int unmap);
