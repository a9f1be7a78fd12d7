/* The registers of the ACME32, from README.md; shared by plugin and loader. */
#pragma once

#define FLASH_BASE 0x08000000u
#define RAM_BASE 0x20000000u
#define PAGE_SIZE 512u

#define FMC_KEY 0x50000000u
#define FMC_CTRL 0x50000004u
#define FMC_STATUS 0x50000008u
#define FMC_ADDR 0x5000000Cu
#define FMC_OPT 0x50000010u
#define FMC_OPTNEW 0x50000014u

#define KEY1 0xACE0FACEu
#define KEY2 0x0FF1CE01u

#define CTRL_PG 0x01u
#define CTRL_ER 0x02u
#define CTRL_MER 0x04u
#define CTRL_START 0x08u
#define CTRL_LOCK 0x80000000u

#define STATUS_BUSY 0x01u
#define STATUS_DONE 0x02u
#define STATUS_PROTERR 0x10u
#define STATUS_PROGERR 0x20u
#define STATUS_ERRORS (STATUS_PROTERR | STATUS_PROGERR)

/* Values that the loader returns for errors without a status bit. */
#define RESULT_LOCKED 0x100u
#define RESULT_ALIGNMENT 0x200u
