/** English, Simplified Chinese. Arguments stand in braces; `{rows|row|rows}` is the one word for 1 and the other for all else. */
export type Message = readonly [english: string, chinese: string];
export type Messages = Readonly<Record<string, Message>>;
