// Thumb-2 snippets, hand assembled; the source stands above each. All end at a BKPT unless they
// loop.
#pragma once

#include <cstdint>

namespace sim_test::snippet {

// str r1, [r0, #0x10] | ldr r2, [r0, #0x0C] | nop | ldr r3, [r0, #0x0C] | bkpt #0
inline constexpr std::uint16_t strt_then_read[] = {0x6101, 0x68C2, 0xBF00, 0x68C3, 0xBE00};

// 1: ldrh r4, [r0], #2 | strh r4, [r1], #2 | 2: ldr r5, [r3, #0x0C] | lsls r6, r5, #31 | bmi 2b
// | tst r5, #0x14 | bne 3f | subs r2, #1 | bne 1b | 3: bkpt #0
inline constexpr std::uint16_t program_halfwords[] = {0xF830, 0x4B02, 0xF821, 0x4B02, 0x68DD,
                                                      0x07EE, 0xD4FC, 0xF015, 0x0F14, 0xD101,
                                                      0x3A01, 0xD1F3, 0xBE00};

// ldr r2, [r0] | bkpt #0
inline constexpr std::uint16_t load_word[] = {0x6802, 0xBE00};

// str r1, [r0] | bkpt #0
inline constexpr std::uint16_t store_word[] = {0x6001, 0xBE00};

// 1: adds r0, #1 | b 1b
inline constexpr std::uint16_t count_up[] = {0x3001, 0xE7FD};

// b .
inline constexpr std::uint16_t forever[] = {0xE7FE};

// adds r0, #1 | adds r0, #1 | adds r0, #1 | bkpt #0
inline constexpr std::uint16_t three_adds[] = {0x3001, 0x3001, 0x3001, 0xBE00};

// bkpt #0
inline constexpr std::uint16_t breakpoint[] = {0xBE00};

// cmp r7, r7 | ite eq | moveq r0, #1 | movne r1, #2 | nop | bkpt #0
inline constexpr std::uint16_t it_block[] = {0x42BF, 0xBF0C, 0x2001, 0x2102, 0xBF00, 0xBE00};

// movs r0, #1 | movs r1, #2 | bkpt #0
inline constexpr std::uint16_t two_moves[] = {0x2001, 0x2102, 0xBE00};

// cpsid i | mrs r0, primask | cpsie i | mrs r1, primask | msr psp, r4 | mrs r3, psp | movs r6,
// #0x40 | msr basepri, r6 | mrs r5, basepri | movs r6, #2 | msr control, r6 | isb | mrs r2,
// control | mov r8, sp | bkpt #0
inline constexpr std::uint16_t special[] = {
    0xB672, 0xF3EF, 0x8010, 0xB662, 0xF3EF, 0x8110, 0xF384, 0x8809, 0xF3EF, 0x8309, 0x2640, 0xF386,
    0x8811, 0xF3EF, 0x8511, 0x2602, 0xF386, 0x8814, 0xF3BF, 0x8F6F, 0xF3EF, 0x8214, 0x46E8, 0xBE00};

// cmp r7, r7 | itt ne | msrne primask, r6 | movne r5, #1 | cmp r7, r7 | itt eq | msreq primask,
// r6 | moveq r4, #1 | mrs r0, primask | bkpt #0
inline constexpr std::uint16_t special_in_it[] = {0x42BF, 0xBF1C, 0xF386, 0x8810, 0x2501,
                                                  0x42BF, 0xBF04, 0xF386, 0x8810, 0x2401,
                                                  0xF3EF, 0x8010, 0xBE00};

// wfi | adds r0, #1 | bkpt #0
inline constexpr std::uint16_t wait_for_interrupt[] = {0xBF30, 0x3001, 0xBE00};

// ldr r0, =0x20000800 | ldr r1, [r0] | adds r1, #1 | str r1, [r0] | bx lr
inline constexpr std::uint16_t systick_handler[] = {0x4802, 0x6801, 0x3101, 0x6001,
                                                    0x4770, 0x0000, 0x0800, 0x2000};

// ldr r0, =0xE000ED04 | mov r1, #0x10000000 | str r1, [r0] | nop | nop | nop | bkpt #0
inline constexpr std::uint16_t nested_handlers[] = {0x4803, 0xF04F, 0x5180, 0x6001, 0xBF00,
                                                    0xBF00, 0xBF00, 0xBE00, 0xED04, 0xE000};

// movs r0, #7 | svc #1 | movs r1, #9 | bkpt #0
inline constexpr std::uint16_t supervisor_call[] = {0x2007, 0xDF01, 0x2109, 0xBE00};

// udf #0
inline constexpr std::uint16_t undefined[] = {0xDE00};

// bx r0
inline constexpr std::uint16_t jump_to_arm[] = {0x4700};

// push {r0, r1, lr} | movs r0, #0 | movs r1, #0 | pop {r0, r1, r2} | bkpt #0
inline constexpr std::uint16_t push_pop[] = {0xB503, 0x2000, 0x2100, 0xBC07, 0xBE00};

// 1: ldr r1, [r0] | cmp r1, #0 | beq 1b | bkpt #0
inline constexpr std::uint16_t poll_word[] = {0x6801, 0x2900, 0xD0FC, 0xBE00};

// 1: ldr r3, [r0] | lsls r3, r3, #15 | bpl 1b | adds r2, #1 | cmp r2, r1 | bne 1b | bkpt #0
inline constexpr std::uint16_t poll_tick[] = {0x6803, 0x03DB, 0xD5FC, 0x3201,
                                              0x428A, 0xD1F9, 0xBE00};

// 16 x nop | bkpt #0
inline constexpr std::uint16_t timed[] = {0xBF00, 0xBF00, 0xBF00, 0xBF00, 0xBF00, 0xBF00,
                                          0xBF00, 0xBF00, 0xBF00, 0xBF00, 0xBF00, 0xBF00,
                                          0xBF00, 0xBF00, 0xBF00, 0xBF00, 0xBE00};

// 1: ldr r3, [r0], #4 | str r3, [r2] | subs r1, #1 | bne 1b | ldr r3, [r2] | bkpt #0
inline constexpr std::uint16_t crc_words[] = {0xF850, 0x3B04, 0x6013, 0x3901,
                                              0xD1FA, 0x6813, 0xBE00};

// udiv r2, r0, r1 | mul r3, r0, r1 | bkpt #0
inline constexpr std::uint16_t divide[] = {0xFBB0, 0xF2F1, 0xFB00, 0xF301, 0xBE00};

// movs r0, #1 | msr control, r0 | isb | ldr r1, =0xE000E010 | ldr r2, [r1] | bkpt #0
inline constexpr std::uint16_t write_psp_and_fault[] = {0x2001, 0xF380, 0x8814, 0xF3BF, 0x8F6F,
                                                        0x4901, 0x680A, 0xBE00, 0xE010, 0xE000};

// ldr r0, =0x40021018 | movs r1, #0x10 | str r1, [r0] | ldr r0, =0x40011004 | ldr r1,
// =0x44244444 | str r1, [r0] | ldr r0, =0xE000E010 | ldr r1, =7999 | str r1, [r0, #4] | movs
// r1, #0 | str r1, [r0, #8] | movs r1, #7 | str r1, [r0] | b . | nop
inline constexpr std::uint16_t blink[] = {
    0x4807, 0x2110, 0x6001, 0x4807, 0x4907, 0x6001, 0x4807, 0xF641, 0x713F, 0x6041, 0x2100, 0x6081,
    0x2107, 0x6001, 0xE7FE, 0xBF00, 0x1018, 0x4002, 0x1004, 0x4001, 0x4444, 0x4424, 0xE010, 0xE000};

// ldr r0, =0x40011000 | ldr r1, [r0, #0x0C] | eor r1, r1, #0x2000 | str r1, [r0, #0x0C] | bx lr
// | nop
inline constexpr std::uint16_t toggle[] = {0x4803, 0x68C1, 0xF481, 0x5100, 0x60C1,
                                           0x4770, 0xBF00, 0x0000, 0x1000, 0x4001};

// ldr r1, =0xAAAA | 1: str r1, [r0] | b 1b | nop
inline constexpr std::uint16_t feed[] = {0xF64A, 0x21AA, 0x6001, 0xE7FD, 0xBF00};

// cmp r7, r7 | it eq | ldreq r2, [r0] | bkpt #0
inline constexpr std::uint16_t load_in_it[] = {0x42BF, 0xBF08, 0x6802, 0xBE00};

// str r1, [r0] | bkpt #0
inline constexpr std::uint16_t write_flash_word[] = {0x6001, 0xBE00};

// strh r1, [r0], #2 | ldrh r2, [r0, #-2] | bkpt #0
inline constexpr std::uint16_t post_store[] = {0xF820, 0x1B02, 0xF830, 0x2C02, 0xBE00};

// 1: ldr r3, [r0], #4 | str r3, [r1], #4 | subs r2, #1 | bne 1b | bkpt #0
inline constexpr std::uint16_t copy_words[] = {0xF850, 0x3B04, 0xF841, 0x3B04,
                                               0x3A01, 0xD1F9, 0xBE00};

// movs r0, #1 | bx r0
inline constexpr std::uint16_t null_call[] = {0x2001, 0x4700};

// ldr r1, [r0] | ldr r2, [r0] | ldr r3, [r0] | bkpt #0
inline constexpr std::uint16_t count_systick[] = {0x6801, 0x6802, 0x6803, 0xBE00};

}  // namespace sim_test::snippet
