export interface HostileImage {
  /** Of the file as well; begins with the group that the picture belongs to. */
  name: string
  /** What the service has to make of it; `either` where a decoder may know better than we do. */
  must: 'refused' | 'accepted' | 'either'
  /** Made only when it is written, because all of them together are large. */
  make: () => Buffer | Promise<Buffer>
  /** What was smuggled in, and no run of 16 bytes of which may come out again. */
  payload?: Buffer
}

export const refused = (name: string, make: HostileImage['make']): HostileImage => ({ name, must: 'refused', make })
export const accepted = (name: string, make: HostileImage['make']): HostileImage => ({ name, must: 'accepted', make })
export const either = (name: string, make: HostileImage['make']): HostileImage => ({ name, must: 'either', make })
