/** A host asks its own services here, so that an answer says nothing about its network. */
export const loopbackAddress = '127.0.0.1';
