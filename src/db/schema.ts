import { index, integer, primaryKey, sql, sqliteTable, text, uniqueIndex } from './drizzle.ts'

const time = (name: string) => integer(name)
const flag = (name: string) => integer(name, { mode: 'boolean' }).notNull()
const counter = (name: string) => integer(name).notNull().default(0)
const words = (name: string) => text(name).notNull().default('')

export type AttributeValue = string | number | boolean
export type Attributes = Record<string, AttributeValue>
export type Visibility = Record<string, 'member' | 'self'>

/** One row a person. Times are integer milliseconds UTC; pictures are the 32 hex digits of their file's name. */
export const users = sqliteTable('users', {
  id: integer('id').primaryKey({ autoIncrement: true }),
  username: text('username').notNull(),
  email: text('email'),
  emailConfirmed: flag('email_confirmed').default(false),
  passwordHash: text('password_hash'),
  realName: words('real_name'),
  firstName: words('first_name'),
  lastName: words('last_name'),
  phone: text('phone'),
  gender: text('gender', { enum: ['male', 'female', 'non-binary', 'unspecified'] }).notNull().default('unspecified'),
  dateOfBirth: text('date_of_birth'),
  bio: words('bio'),
  description: words('description'),
  website: words('website'),
  location: words('location'),
  locationLatLng: words('location_lat_lng'),
  positionLatLng: words('position_lat_lng'),
  language: text('language').notNull().default('en'),
  /** The declared fields by key; what is empty is not there. */
  attributes: text('attributes', { mode: 'json' }).$type<Attributes>().notNull().default({}),
  /** Who may still see a field that its owner has narrowed; what is not there follows the field's own rule. */
  visibility: text('visibility', { mode: 'json' }).$type<Visibility>().notNull().default({}),
  /** How the person wants to be notified, by the system around the service; what is not there is at its default. */
  settings: text('settings', { mode: 'json' }).$type<Record<string, number>>().notNull().default({}),
  /** Whether the avatar is shown to whoever knows the address, by its hash. */
  isFoundByEmail: flag('is_found_by_email').default(false),
  avatar: text('avatar'),
  cover: text('cover'),

  isActive: flag('is_active').default(true),
  isStaff: flag('is_staff').default(false),
  isAdmin: flag('is_admin').default(false),
  /** Editor or moderator of a community; an admin is told by `isAdmin`. */
  role: text('role', { enum: ['editor', 'moderator'] }),

  extId: text('ext_id'),
  regApproved: flag('reg_approved').default(false),
  communityBadge: flag('community_badge').default(false),
  canReceiveMessages: flag('can_receive_messages').default(false),
  reputation: counter('reputation'),
  followings: counter('followings'),
  followers: counter('followers'),
  posts: counter('posts'),
  discussions: counter('discussions'),
  statuses: counter('statuses'),
  polls: counter('polls'),
  categories: counter('categories'),
  unseenInteractions: counter('unseen_interactions'),
  unseenBanners: counter('unseen_banners'),

  version: integer('version').notNull().default(1),
  createdAt: time('created_at').notNull(),
  updatedAt: time('updated_at').notNull(),
  lastLoginAt: time('last_login_at'),
  lastSeenAt: time('last_seen_at'),
  /** Tokens minted elsewhere count only when they were issued after this. */
  revokedAt: time('revoked_at'),
  /** Until then a code that is sent to the address only confirms it: whoever wrote it has not proved to be its owner. */
  emailHeldUntil: time('email_held_until'),
  /** Set: deleted softly. Hidden everywhere, the names kept, until it is restored or the time is up. */
  deletedAt: time('deleted_at'),
}, (table) => [
  uniqueIndex('users_username').on(sql`lower(${table.username})`),
  uniqueIndex('users_email').on(sql`lower(${table.email})`),
  uniqueIndex('users_ext_id').on(table.extId),
  index('users_cover').on(table.cover),
  // For lists of the newest: without it everybody is read and sorted.
  index('users_created').on(table.createdAt),
  index('users_deleted').on(table.deletedAt).where(sql`${table.deletedAt} is not null`),
  // For the question whether another admin is left.
  index('users_admins').on(table.id).where(sql`${table.isAdmin} = 1`),
])

export const groups = sqliteTable('groups', {
  id: integer('id').primaryKey({ autoIncrement: true }),
  name: text('name').notNull(),
  notes: words('notes'),
  createdAt: time('created_at').notNull(),
  updatedAt: time('updated_at').notNull(),
}, (table) => [uniqueIndex('groups_name').on(sql`lower(${table.name})`)])

export const memberships = sqliteTable('memberships', {
  userId: integer('user_id').notNull().references(() => users.id, { onDelete: 'cascade' }),
  groupId: integer('group_id').notNull().references(() => groups.id, { onDelete: 'cascade' }),
}, (table) => [
  primaryKey({ columns: [table.userId, table.groupId] }),
  index('memberships_group').on(table.groupId),
])

/** The fields that an operator declares beside the built-in ones. */
export const profileFields = sqliteTable('profile_fields', {
  id: integer('id').primaryKey({ autoIncrement: true }),
  key: text('key').notNull(),
  label: words('label'),
  type: text('type', { enum: ['string', 'integer', 'phone_number', 'enum', 'url', 'email', 'checkbox'] }).notNull(),
  /** The choices of an `enum`. */
  options: text('options', { mode: 'json' }).$type<string[]>().notNull().default([]),
  isMandatory: flag('is_mandatory').default(false),
  isEditable: flag('is_editable').default(true),
  isSearchable: flag('is_searchable').default(false),
  read: text('read', { enum: ['public', 'member', 'self'] }).notNull().default('public'),
  write: text('write', { enum: ['self', 'staff', 'admin'] }).notNull().default('self'),
  createdAt: time('created_at').notNull(),
  updatedAt: time('updated_at').notNull(),
  /** Set while its values are being removed: nobody sees it any more, and its key is not free yet. */
  droppedAt: time('dropped_at'),
}, (table) => [uniqueIndex('profile_fields_key').on(table.key)])

/** The avatars that a person keeps; the one that is shown is `users.avatar`. */
export const avatars = sqliteTable('avatars', {
  id: integer('id').primaryKey({ autoIncrement: true }),
  userId: integer('user_id').notNull().references(() => users.id, { onDelete: 'cascade' }),
  name: text('name').notNull(),
  uploadedAt: time('uploaded_at').notNull(),
}, (table) => [uniqueIndex('avatars_name').on(table.name), index('avatars_user').on(table.userId)])

/** A file of a picture: the main one has the size `main`, the others are called by theirs, in pixels. */
export interface PictureFile { size: 'main' | number, width: number, height: number, bytes: number, sha256: string }

/** What is known of a published picture: one row beside its files. */
export const pictures = sqliteTable('pictures', {
  name: text('name').primaryKey(),
  userId: integer('user_id').notNull().references(() => users.id, { onDelete: 'cascade' }),
  kind: text('kind', { enum: ['avatar', 'cover'] }).notNull(),
  /** Of the upright original, which `crop` is measured in. */
  sourceWidth: integer('source_width').notNull(),
  sourceHeight: integer('source_height').notNull(),
  isAnimated: flag('is_animated').default(false),
  /** Where its subject is, from -1 to 1: to the right and up. */
  focus: text('focus', { mode: 'json' }).$type<[x: number, y: number]>(),
  /** The part of the original that squares are cut from: left, top, width, height in pixels. */
  crop: text('crop', { mode: 'json' }).$type<[x: number, y: number, width: number, height: number]>(),
  blurhash: text('blurhash').notNull(),
  /** The dominant colour as `#rrggbb`. */
  color: text('color').notNull(),
  files: text('files', { mode: 'json' }).$type<PictureFile[]>().notNull(),
  createdAt: time('created_at').notNull(),
  /** What it shows, in its owner's words. */
  alt: text('alt'),
}, (table) => [index('pictures_user').on(table.userId)])

/**
 * Of a store that nobody looks through: pictures that are on their way into it, noted before a file is there and until an account
 * has the picture, and since when. One that is here too long was lost on the way.
 */
export const uploads = sqliteTable('uploads', {
  name: text('name').primaryKey(),
  kind: text('kind', { enum: ['avatar', 'cover'] }).notNull(),
  at: time('at').notNull(),
}, (table) => [index('uploads_at').on(table.at)])

/** Of the same store: pictures that nobody has any more, until their files are gone; and when somebody has to see to that. */
export const doomed = sqliteTable('doomed', {
  name: text('name').primaryKey(),
  kind: text('kind', { enum: ['avatar', 'cover'] }).notNull(),
  at: time('at').notNull(),
}, (table) => [index('doomed_at').on(table.at)])

/**
 * The hashes of addresses whose owner's avatar is shown by them, and no others: whoever is not to be found is not here, so that
 * looking for them takes as long as looking for nobody.
 */
export const faces = sqliteTable('faces', {
  userId: integer('user_id').primaryKey().references(() => users.id, { onDelete: 'cascade' }),
  sha256: text('sha256').notNull(),
  md5: text('md5').notNull(),
}, (table) => [index('faces_sha256').on(table.sha256), index('faces_md5').on(table.md5)])

/** By what people are looked up who have either: their address and their number as they are compared. */
export const contacts = sqliteTable('contacts', {
  userId: integer('user_id').primaryKey().references(() => users.id, { onDelete: 'cascade' }),
  email: text('email'),
  /** Empty without digits; null while it is not worked out, of accounts from before there was this table. */
  phone: text('phone'),
}, (table) => [
  uniqueIndex('contacts_email').on(table.email),
  index('contacts_phone').on(table.phone).where(sql`${table.phone} <> ''`),
  index('contacts_undialled').on(table.userId).where(sql`${table.phone} is null`),
])

/** What an admin marks people with; an invisible one is told to the person and to staff. */
export const tags = sqliteTable('tags', {
  id: integer('id').primaryKey({ autoIncrement: true }),
  type: text('type', { enum: ['user', 'category', 'contribution'] }).notNull().default('user'),
  name: text('name').notNull(),
  description: text('description'),
  color: text('color').notNull(),
  isActive: flag('is_active').default(true),
  isVisible: flag('is_visible').default(true),
  visibilityBoost: flag('visibility_boost').default(false),
  createdAt: time('created_at').notNull(),
}, (table) => [uniqueIndex('tags_name').on(table.type, sql`lower(${table.name})`)])

export const taggings = sqliteTable('taggings', {
  userId: integer('user_id').notNull().references(() => users.id, { onDelete: 'cascade' }),
  tagId: integer('tag_id').notNull().references(() => tags.id, { onDelete: 'cascade' }),
}, (table) => [primaryKey({ columns: [table.userId, table.tagId] }), index('taggings_tag').on(table.tagId)])

/** A refresh token that was traded for the next one, by its `jti`, and when. */
export interface SpentToken { id: string, at: number }

/** One row a sign-in. `refreshId` is the `jti` of the one refresh token that is still unspent. */
export const sessions = sqliteTable('sessions', {
  id: integer('id').primaryKey({ autoIncrement: true }),
  userId: integer('user_id').notNull().references(() => users.id, { onDelete: 'cascade' }),
  refreshId: text('refresh_id').notNull(),
  /** The ones that were spent last, the newest first: a lost answer may be asked for again. */
  spent: text('spent', { mode: 'json' }).$type<SpentToken[]>().notNull().default([]),
  /** What its owner knows it by: the User-Agent and the address it was opened from. */
  device: words('device'),
  address: words('address'),
  createdAt: time('created_at').notNull(),
  expiresAt: time('expires_at').notNull(),
  lastSeenAt: time('last_seen_at'),
  revokedAt: time('revoked_at'),
  /** Until then its owner has proved lately who they are, and need not do it again. */
  provenUntil: time('proven_until'),
}, (table) => [index('sessions_user').on(table.userId), index('sessions_expiry').on(table.expiresAt)])

/** API tokens: the SHA-256 of the secret, never the secret. */
export const keys = sqliteTable('keys', {
  id: integer('id').primaryKey({ autoIncrement: true }),
  userId: integer('user_id').notNull().references(() => users.id, { onDelete: 'cascade' }),
  /** Of a token that a sign-in gave: it lives as long as that session. */
  sessionId: integer('session_id').references(() => sessions.id),
  name: words('name'),
  hash: text('hash').notNull(),
  /** The first characters of the secret, so that its owner can tell one from another. */
  prefix: text('prefix').notNull(),
  createdAt: time('created_at').notNull(),
  expiresAt: time('expires_at'),
  lastUsedAt: time('last_used_at'),
  revokedAt: time('revoked_at'),
}, (table) => [uniqueIndex('keys_hash').on(table.hash), index('keys_user').on(table.userId), index('keys_session').on(table.sessionId)])

/** Single-use codes that were mailed: a keyed hash, never the code. */
export const codes = sqliteTable('codes', {
  id: integer('id').primaryKey({ autoIncrement: true }),
  userId: integer('user_id').notNull().references(() => users.id, { onDelete: 'cascade' }),
  purpose: text('purpose', { enum: ['confirm_email', 'change_email', 'revert_email', 'reset_password', 'sign_in'] }).notNull(),
  /** The address that the code proves; that of `revert_email` is kept free for its owner as long as the code counts. */
  email: text('email').notNull(),
  /** The same as it is compared. */
  address: words('address'),
  hash: text('hash').notNull(),
  expiresAt: time('expires_at').notNull(),
}, (table) => [uniqueIndex('codes_hash').on(table.hash), index('codes_user').on(table.userId), index('codes_address').on(table.address), index('codes_expiry').on(table.expiresAt)])

/** Who is asked to make an account. The code is made when it is mailed: a keyed hash, never the code. */
export const invitations = sqliteTable('invitations', {
  id: integer('id').primaryKey({ autoIncrement: true }),
  inviterId: integer('inviter_id').notNull().references(() => users.id, { onDelete: 'cascade' }),
  email: text('email').notNull(),
  /** The same as it is compared. */
  address: text('address').notNull(),
  hash: text('hash'),
  groups: text('groups', { mode: 'json' }).$type<number[]>().notNull().default([]),
  isStaff: flag('is_staff').default(false),
  createdAt: time('created_at').notNull(),
  expiresAt: time('expires_at').notNull(),
}, (table) => [uniqueIndex('invitations_hash').on(table.hash), index('invitations_inviter').on(table.inviterId), index('invitations_address').on(table.address), index('invitations_expiry').on(table.expiresAt)])

/** Messages that are still to be sent. What they say is sealed: a code must not lie in the file in the clear. */
export const mails = sqliteTable('mails', {
  id: integer('id').primaryKey({ autoIncrement: true }),
  /** Null while it is not known whether anybody is behind the address. */
  userId: integer('user_id').references(() => users.id, { onDelete: 'cascade' }),
  sealed: text('sealed').notNull(),
  attempts: counter('attempts'),
  nextAt: time('next_at').notNull(),
  createdAt: time('created_at').notNull(),
}, (table) => [index('mails_next').on(table.nextAt), index('mails_user').on(table.userId)])

/** The secret of a person's authenticator, sealed. It counts from the first right code on, and until then the one before it does. */
export const secondFactors = sqliteTable('second_factors', {
  userId: integer('user_id').primaryKey().references(() => users.id, { onDelete: 'cascade' }),
  secret: text('secret').notNull(),
  /** The one that is to take its place. */
  pending: text('pending'),
  /** The time step of the last code that was taken: each is taken once. */
  lastStep: counter('last_step'),
  createdAt: time('created_at').notNull(),
  confirmedAt: time('confirmed_at'),
})

/** What stands in for a lost authenticator: keyed hashes, each good for one sign-in. */
export const recoveryCodes = sqliteTable('recovery_codes', {
  userId: integer('user_id').notNull().references(() => users.id, { onDelete: 'cascade' }),
  hash: text('hash').notNull(),
}, (table) => [primaryKey({ columns: [table.userId, table.hash] })])

/** Tickets for a second factor that were tried: each counts once, and bears a few wrong codes. One that nobody has tried has no row. */
export const tickets = sqliteTable('tickets', {
  id: text('id').primaryKey(),
  userId: integer('user_id').notNull().references(() => users.id, { onDelete: 'cascade' }),
  tries: integer('tries').notNull(),
  expiresAt: time('expires_at').notNull(),
}, (table) => [index('tickets_user').on(table.userId), index('tickets_expiry').on(table.expiresAt)])

/** What something is done to. */
export type Noun = 'account' | 'group' | 'tag' | 'field' | 'session' | 'token' | 'second factor' | 'password code' | 'sign-in' | 'invitation'
export type Verb = 'created' | 'changed' | 'removed' | 'began' | 'ended' | 'refused'

/** One row an act: who did what to whom, which fields, through which family and from where, and the files it dropped. There is no second log. */
export const changes = sqliteTable('changes', {
  id: integer('id').primaryKey({ autoIncrement: true }),
  /** Whose account, or whose session; 0 for what is nobody's, like a group. */
  userId: integer('user_id').notNull(),
  actorId: integer('actor_id'),
  family: text('family').notNull(),
  fields: text('fields', { mode: 'json' }).$type<string[]>().notNull(),
  dropped: text('dropped', { mode: 'json' }).$type<string[]>().notNull(),
  version: integer('version').notNull(),
  at: time('at').notNull(),
  noun: text('noun').$type<Noun>().notNull().default('account'),
  verb: text('verb').$type<Verb>().notNull().default('changed'),
  /** Which of them, of a noun that is no account. */
  subjectId: integer('subject_id'),
  /** The network address that it was done from; null for the operator and for the service itself. */
  address: text('address'),
}, (table) => [
  index('changes_user').on(table.userId),
  // What somebody did to others, to be found when they are deleted.
  index('changes_actor').on(table.actorId).where(sql`${table.actorId} <> ${table.userId}`),
])

/** How far the search index is: one row. The index itself is two FTS5 tables, which are made when a database is opened that has none. */
export const searchState = sqliteTable('search_state', {
  id: integer('id').primaryKey(),
  /** Accounts up to this id are in the index. Those after it are not yet, and none is while it is below zero: the index is damaged, and given up. */
  indexedTo: integer('indexed_to').notNull(),
  /** The half that takes new texts: 0 or 1. */
  openHalf: integer('open_half').notNull().default(0),
  /** Texts were taken out that lie in the file until the next compaction. */
  hasLeftovers: flag('has_leftovers').default(false),
  /** How many halves the compaction under way has still to go through. */
  passesLeft: integer('passes_left').notNull().default(0),
  /** By which rules the texts were folded and numbered. */
  layout: integer('layout').notNull(),
})
