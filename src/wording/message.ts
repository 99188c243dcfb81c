/** English, Simplified Chinese. Arguments stand in braces. */
export type Message = readonly [english: string, chinese: string];
export type Messages = Readonly<Record<string, Message>>;
