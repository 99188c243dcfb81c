import type { Messages } from './message.ts';

/** What stands against a person's own condition. */
export const whereMessages = {
  'where.openQuote': [
    'The condition for {unit} ("where") opens a quote {quote} at character {position} and does not close it.',
    '{unit} 的条件（“where”）在第 {position} 个字符处打开了引号 {quote}，但没有关闭。',
  ],
  'where.openComment': [
    'The condition for {unit} ("where") opens a comment /* at character {position} and does not close it.',
    '{unit} 的条件（“where”）在第 {position} 个字符处打开了注释 /*，但没有关闭。',
  ],
  'where.activeComment': [
    'The condition for {unit} ("where") has a comment at character {position} that servers carry out (/*! or /*+). Write it without the comment signs.',
    '{unit} 的条件（“where”）在第 {position} 个字符处有服务器会执行的注释（/*! 或 /*+）。请去掉注释符号。',
  ],
  'where.openParenthesis': [
    'The condition for {unit} ("where") opens a parenthesis at character {position} and does not close it.',
    '{unit} 的条件（“where”）在第 {position} 个字符处打开了括号，但没有关闭。',
  ],
  'where.closedParenthesis': [
    'The condition for {unit} ("where") closes a parenthesis at character {position} that it has not opened.',
    '{unit} 的条件（“where”）在第 {position} 个字符处关闭了并未打开的括号。',
  ],
  'where.semicolon': [
    'The condition for {unit} ("where") has a semicolon at character {position}. It is one condition, not several statements: take it away, or put it in quotes.',
    '{unit} 的条件（“where”）在第 {position} 个字符处有分号。它是一个条件，而不是多条语句：请去掉分号，或放在引号内。',
  ],
  'where.parameter': [
    'The condition for {unit} ("where") has a parameter ({sign}) at character {position}, for which there is no value. Write the value itself.',
    '{unit} 的条件（“where”）在第 {position} 个字符处有参数（{sign}），没有可用的值。请直接写出值。',
  ],
  'where.zero': [
    'The condition for {unit} ("where") has a zero byte at character {position}, where servers stop reading.',
    '{unit} 的条件（“where”）在第 {position} 个字符处有零字节，服务器会在此处停止读取。',
  ],
} as const satisfies Messages;
