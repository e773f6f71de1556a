// Made by "npm run client" from what /openapi.json says below /v1. Do not edit it.
// sha256 5dbe0f83a651a04b2296e301c36ec234580d4608fec85e8b8d30473a90938f14

export interface paths {
    "/v1/sign-up": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sign up */
        post: operations["signUp"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sign-in": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sign in
         * @description `login` is a username or an email address. With a second factor on, and without its code: 401 `second_factor_required` with a ticket.
         */
        post: operations["signIn"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sign-in/second-factor": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sign in by a ticket and a code
         * @description The ticket of `second_factor_required`: for five minutes, for one sign-in.
         */
        post: operations["signInWithSecondFactor"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sign-in/code": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ask for a code to sign in with
         * @description The answer is the same whether or not there is such an account.
         */
        post: operations["requestSignInCode"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sign-in/code/confirm": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sign in by a mailed code */
        post: operations["signInWithCode"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/restore": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Come back
         * @description Within thirty days of leaving. Who was deleted by somebody else is brought back by admins alone.
         */
        post: operations["comeBack"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/refresh": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Refresh tokens
         * @description A token that was spent less than half a minute ago yields the current pair of its session; one that was spent earlier ends the session.
         */
        post: operations["refresh"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sign-out": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sign out
         * @description Ends the session of the token that is sent. A token that belongs to no session: 403.
         */
        post: operations["signOut"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/proof": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Prove who one is
         * @description By the password, or with a second factor on by its code. It counts for this session and ten minutes; without, what needs it is 403.
         */
        post: operations["prove"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/invitations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Invitations that nobody has accepted
         * @description The oldest first.
         */
        get: operations["listInvitations"];
        put?: never;
        /**
         * Invite somebody
         * @description Mails a code that counts for seven days, as long as you may invite. Staff are invited by admins alone.
         */
        post: operations["invite"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/invitations/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Withdraw an invitation */
        delete: operations["withdrawInvitation"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/invitations/accept": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Accept an invitation
         * @description By the code that was mailed. Makes the account, with a confirmed address, and signs in.
         */
        post: operations["acceptInvitation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Change the password
         * @description Ends all sessions but the one that asks.
         */
        put: operations["setMyPassword"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/password/recover": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ask for a code to choose a new password
         * @description The answer is the same whether or not there is such an account.
         */
        post: operations["recoverPassword"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/password/reset": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Choose a new password by a mailed code
         * @description Ends all sessions and API tokens, and signs in.
         */
        post: operations["resetPassword"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me/email": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Ask for another email address
         * @description Mails a code to it. The old one stays until that code comes back.
         */
        put: operations["setMyEmail"];
        post?: never;
        /**
         * Take a request for another address back
         * @description Its code counts no longer.
         */
        delete: operations["keepMyEmail"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me/email/confirmation": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send the confirmation again
         * @description Nothing is sent when the address is confirmed already.
         */
        post: operations["resendConfirmation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/email/confirm": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Confirm an email address
         * @description By the code that was mailed to it, the first one or a new one.
         */
        post: operations["confirmEmail"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/email/revert": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take back a change of the email address
         * @description By the code that was mailed to the old address. It is put back, all sessions and API tokens end, and a code for a new password is mailed to it.
         */
        post: operations["revertEmail"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The signed-in person
         * @description The whole account. `as` shows what others see of it.
         */
        get: operations["getMe"];
        put?: never;
        post?: never;
        /**
         * Leave
         * @description Hidden everywhere for thirty days, in which you can come back; with `hard=1` gone for good.
         */
        delete: operations["deleteMe"];
        options?: never;
        head?: never;
        /** Change oneself */
        patch: operations["updateMe"];
        trace?: never;
    };
    "/v1/me/visibility": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who sees what */
        get: operations["getMyVisibility"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Change who sees what
         * @description A field can be shown to fewer people than its rule says, never to more; `null` goes back to the rule. Staff always see it.
         */
        patch: operations["updateMyVisibility"];
        trace?: never;
    };
    "/v1/me/avatar": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Upload the avatar
         * @description A form with the file, or the bytes of the picture as they are, with their own `Content-Type`.
         */
        put: operations["setMyAvatar"];
        post?: never;
        /** Remove the avatar */
        delete: operations["removeMyAvatar"];
        options?: never;
        head?: never;
        /** Cut the avatar */
        patch: operations["cutMyAvatar"];
        trace?: never;
    };
    "/v1/me/cover": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Upload the cover
         * @description A form with the file, or the bytes of the picture as they are, with their own `Content-Type`.
         */
        put: operations["setMyCover"];
        post?: never;
        /** Remove the cover */
        delete: operations["removeMyCover"];
        options?: never;
        head?: never;
        /** Cut the cover */
        patch: operations["cutMyCover"];
        trace?: never;
    };
    "/v1/me/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Where somebody is signed in
         * @description The newest first.
         */
        get: operations["listMySessions"];
        put?: never;
        post?: never;
        /** Sign out everywhere */
        delete: operations["endMySessions"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me/sessions/{session_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** End a session */
        delete: operations["endMySession"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/people/{id}/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Where somebody is signed in
         * @description The newest first.
         */
        get: operations["listSessions"];
        put?: never;
        post?: never;
        /** Sign out everywhere */
        delete: operations["endSessions"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/people/{id}/sessions/{session_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** End a session */
        delete: operations["endSession"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me/avatars": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The collection of avatars
         * @description The newest first.
         */
        get: operations["listMyAvatars"];
        put?: never;
        /**
         * Add an avatar
         * @description Kept beside the others, 20 at most; which of them is shown stays as it is. A form with the file, or the bytes of the picture as they are, with their own `Content-Type`.
         */
        post: operations["addMyAvatar"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me/avatars/{avatar_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One avatar of the collection */
        get: operations["getMyAvatar"];
        put?: never;
        post?: never;
        /**
         * Remove an avatar from the collection
         * @description Of the one that is shown none takes the place.
         */
        delete: operations["dropMyAvatar"];
        options?: never;
        head?: never;
        /**
         * Show an avatar of the collection
         * @description The one before is kept.
         */
        patch: operations["chooseMyAvatar"];
        trace?: never;
    };
    "/v1/people/{id}/avatars": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The collection of avatars
         * @description The newest first.
         */
        get: operations["listAvatars"];
        put?: never;
        /**
         * Add an avatar
         * @description Kept beside the others, 20 at most; which of them is shown stays as it is. A form with the file, or the bytes of the picture as they are, with their own `Content-Type`.
         */
        post: operations["addAvatar"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/people/{id}/avatars/{avatar_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One avatar of the collection */
        get: operations["getAvatar"];
        put?: never;
        post?: never;
        /**
         * Remove an avatar from the collection
         * @description Of the one that is shown none takes the place.
         */
        delete: operations["dropAvatar"];
        options?: never;
        head?: never;
        /**
         * Show an avatar of the collection
         * @description The one before is kept.
         */
        patch: operations["chooseAvatar"];
        trace?: never;
    };
    "/v1/me/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * API tokens
         * @description The newest first, without what they are sent as.
         */
        get: operations["listMyTokens"];
        put?: never;
        /**
         * Create an API token
         * @description In a session, with fresh proof. Its owner is told by email.
         */
        post: operations["createMyToken"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me/tokens/{token_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Revoke an API token */
        delete: operations["revokeMyToken"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me/second-factor": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether a second factor is on */
        get: operations["getMySecondFactor"];
        put?: never;
        /**
         * Begin a second factor
         * @description It counts once it is confirmed; until then, one that is on already does.
         */
        post: operations["beginMySecondFactor"];
        /** Turn the second factor off */
        delete: operations["endMySecondFactor"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me/second-factor/confirm": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Turn the second factor on */
        post: operations["confirmMySecondFactor"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me/second-factor/recovery-codes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How many recovery codes are left */
        get: operations["countMyRecoveryCodes"];
        put?: never;
        /**
         * New recovery codes
         * @description The old ones count no longer.
         */
        post: operations["renewMyRecoveryCodes"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/people/{id}/second-factor": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether a second factor is on */
        get: operations["getSecondFactor"];
        put?: never;
        post?: never;
        /**
         * Turn a lost second factor off
         * @description With fresh proof of your own. Its owner is told by email.
         */
        delete: operations["resetSecondFactor"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/people/{id}/password-mail": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Mail a code to choose a new password
         * @description To the address of the account, and nowhere else. The password counts on until the code is used.
         */
        post: operations["mailPasswordReset"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me/changes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What was done to an account
         * @description The newest first.
         */
        get: operations["listMyChanges"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/people/{id}/changes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What was done to an account
         * @description The newest first.
         */
        get: operations["listChanges"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/changes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The log of changes
         * @description Everything that was done to accounts, the newest first. For admins.
         */
        get: operations["listAllChanges"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/people": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Find people
         * @description By any of their fields; nobody is found by what you may not see of them.
         */
        get: operations["listPeople"];
        put?: never;
        /** Create a person */
        post: operations["createPerson"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/people/{id}/restore": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Bring a person back
         * @description Brings back somebody who was deleted less than thirty days ago. For admins.
         */
        post: operations["restorePerson"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/people/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A person */
        get: operations["getPerson"];
        put?: never;
        post?: never;
        /**
         * Delete a person
         * @description Hidden everywhere for thirty days, in which an admin can restore them; with `hard=1`, for admins and oneself, gone for good.
         */
        delete: operations["deletePerson"];
        options?: never;
        head?: never;
        /** Change a person */
        patch: operations["updatePerson"];
        trace?: never;
    };
    "/v1/people/batch": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Change many people
         * @description Each item is judged as a PATCH of that person by itself, without pictures. All that are good are stored in one commit; with `atomic=true` none is unless all are.
         */
        post: operations["updatePeople"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/groups": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Groups */
        get: operations["listGroups"];
        put?: never;
        /** Create a group */
        post: operations["createGroup"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/groups/{group_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A group */
        get: operations["getGroup"];
        put?: never;
        post?: never;
        /**
         * Delete a group
         * @description Whoever is in it stays, without it.
         */
        delete: operations["deleteGroup"];
        options?: never;
        head?: never;
        /** Change a group */
        patch: operations["updateGroup"];
        trace?: never;
    };
    "/v1/groups/{group_id}/members": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who is in a group */
        get: operations["listMembers"];
        put?: never;
        /**
         * Add members
         * @description All of them or nobody, within your reach.
         */
        post: operations["addMembers"];
        /**
         * Remove members
         * @description All of them or nobody, within your reach.
         */
        delete: operations["removeMembers"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tags": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tags */
        get: operations["listTags"];
        put?: never;
        /** Create a tag */
        post: operations["createTag"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tags/{tag_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A tag */
        get: operations["getTag"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Change a tag */
        patch: operations["updateTag"];
        trace?: never;
    };
    "/v1/people/{id}/tags/{tag_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Give somebody a tag */
        put: operations["giveTag"];
        post?: never;
        /** Take a tag from somebody */
        delete: operations["takeTag"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/fields": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Every field, as you have it */
        get: operations["listFields"];
        put?: never;
        /** Declare a field */
        post: operations["declareField"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/fields/{key}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Drop a declared field
         * @description With the values of all accounts.
         */
        delete: operations["dropField"];
        options?: never;
        head?: never;
        /**
         * Change a declared field
         * @description Refused while accounts hold what the new rules refuse; with `force=true` that stays stored.
         */
        patch: operations["changeField"];
        trace?: never;
    };
    "/v1/limits": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What is accepted */
        get: operations["getLimits"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/problems/{code}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What a code means */
        get: operations["explainProblem"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/people/{id}/avatar": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Upload the avatar
         * @description A form with the file, or the bytes of the picture as they are, with their own `Content-Type`.
         */
        put: operations["setAvatar"];
        post?: never;
        /** Remove the avatar */
        delete: operations["removeAvatar"];
        options?: never;
        head?: never;
        /** Cut the avatar */
        patch: operations["cutAvatar"];
        trace?: never;
    };
    "/v1/people/{id}/cover": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Upload the cover
         * @description A form with the file, or the bytes of the picture as they are, with their own `Content-Type`.
         */
        put: operations["setCover"];
        post?: never;
        /** Remove the cover */
        delete: operations["removeCover"];
        options?: never;
        head?: never;
        /** Cut the cover */
        patch: operations["cutCover"];
        trace?: never;
    };
    "/v1/people/{id}/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * API tokens
         * @description The newest first, without what they are sent as.
         */
        get: operations["listTokens"];
        put?: never;
        /**
         * Create an API token
         * @description In a session, with fresh proof. Its owner is told by email.
         */
        post: operations["createToken"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/people/{id}/tokens/{token_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Revoke an API token */
        delete: operations["revokeToken"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        Address: {
            /** Format: email */
            email: string;
        };
        /** @description The avatar, and whether it is the one that is shown. */
        Avatar: {
            id: number;
            isShown: boolean;
            uploadedAt: string | null;
            picture: components["schemas"]["Picture"];
        };
        AvatarChoice: {
            /** @enum {boolean} */
            isShown: true;
        };
        /** @description A page, and as what `after` it goes on; null after the last. */
        AvatarList: {
            items: components["schemas"]["Avatar"][];
            next: string | null;
            /** @description with `count=exact` */
            total?: number;
        };
        AvatarPatch: {
            /** @description `x,y` from -1 to 1, to the right and up: where the subject is; empty: what the eye goes to */
            avatarFocus?: string | null;
            /** @description `x,y,w,h` in pixels of the upright original: the part that squares are cut from; empty: all of it */
            avatarCrop?: string | null;
            /** @description what the picture shows */
            avatarAlt?: string | null;
        };
        /** @description The avatar as it is now. */
        AvatarWritten: {
            id: number;
            isShown: boolean;
            uploadedAt: string | null;
            picture: components["schemas"]["Picture"];
            /** @description nothing was written: this is what would be */
            dryRun?: boolean;
            /** @description what would change, by field */
            changes?: {
                [key: string]: {
                    from: unknown;
                    to: unknown;
                };
            };
        };
        Batch: components["schemas"]["BatchItem"][];
        BatchAnswer: {
            id: number;
            status: number;
            etag?: string;
            person?: components["schemas"]["PersonWritten"];
            problem?: components["schemas"]["BatchProblem"];
        };
        /** @description For each item, in the same order, what it would have been answered by itself. */
        BatchAnswers: {
            items: components["schemas"]["BatchAnswer"][];
        };
        BatchItem: {
            id: number;
            patch: components["schemas"]["BatchPatch"];
            /** @description as the header: the `ETag` of the person */
            ifMatch?: string;
        };
        BatchPatch: {
            /** Format: username */
            username?: string;
            /** Format: email */
            email?: string | null;
            /** Format: text */
            realName?: string | null;
            /** Format: text */
            firstName?: string | null;
            /** Format: text */
            lastName?: string | null;
            /** Format: phone */
            phone?: string | null;
            /** @enum {unknown} */
            gender?: "male" | "female" | "non-binary" | "unspecified" | null;
            /** Format: date */
            dateOfBirth?: string | null;
            /** Format: lines */
            bio?: string | null;
            /** Format: text */
            description?: string | null;
            /** Format: uri */
            website?: string | null;
            /** Format: text */
            location?: string | null;
            /** Format: latlng */
            locationLatLng?: string | null;
            /** Format: latlng */
            positionLatLng?: string | null;
            /** Format: text */
            language?: string | null;
            groups?: number[];
            /** Format: text */
            extId?: string | null;
            isActive?: boolean;
            isStaff?: boolean;
            isAdmin?: boolean;
            attributes?: {
                [key: string]: unknown;
            };
            readonly id?: unknown;
            readonly emailConfirmed?: unknown;
            readonly pendingEmail?: unknown;
            readonly fullName?: unknown;
            readonly visibility?: unknown;
            readonly role?: unknown;
            readonly isOnline?: unknown;
            readonly lastLoginAt?: unknown;
            readonly lastSeenAt?: unknown;
            readonly counters?: unknown;
            readonly version?: unknown;
            readonly createdAt?: unknown;
            readonly updatedAt?: unknown;
            readonly hidden?: unknown;
        };
        BatchProblem: {
            title: string;
            /** @description an address that explains the code */
            type: string;
            status: number;
            /** @enum {string} */
            code: "invalid" | "parse_error" | "not_authenticated" | "header_empty" | "header_spaces" | "token_invalid" | "token_wrong_type" | "account_unknown" | "account_inactive" | "bad_credentials" | "second_factor_required" | "permission_denied" | "proof_required" | "already_deleted" | "not_found" | "method_not_allowed" | "request_timeout" | "precondition_failed" | "failed_dependency" | "too_large" | "unsupported_media_type" | "throttled" | "internal" | "unavailable" | "insufficient_storage";
            detail: string;
            requestId: string;
            /** @description with `second_factor_required`: what `/v1/sign-in/second-factor` takes */
            ticket?: string;
            errors?: components["schemas"]["ProblemFinding"][];
            person?: components["schemas"]["Person"];
            /** @description the fields that changed since the version that was named; null when that cannot be told */
            changed?: string[] | null;
        };
        Change: {
            id: number;
            at: string;
            /** @description what it was done to: account, group, tag, field, session, token, second factor, password code, sign-in, invitation */
            noun: string;
            /** @description created, changed, removed, began, ended or refused */
            verb: string;
            /** @description the id of the group, tag, field, session, token or invitation; null for an account, and where all were meant */
            subject: number | null;
            /** @description whose account; null for what is nobody's, like a group */
            person: number | null;
            /** @description who did it; null for the operator, and for somebody who is gone */
            actor: number | null;
            /** @description through which family */
            family: string;
            /** @description from which network address, where that is for you to know */
            address: string | null;
            /** @description which fields, never what they held; `*` for all, when the account was removed */
            fields: string[];
            /** @description the version that the account had then; null for what moves none */
            version: number | null;
        };
        /** @description A page, and as what `after` it goes on; null after the last. */
        ChangeList: {
            items: components["schemas"]["Change"][];
            next: string | null;
            /** @description with `count=exact` */
            total?: number;
        };
        ComeBack: {
            login: string;
            /** Format: password */
            password: string;
            /** @description six digits of the authenticator, or a recovery code */
            code?: string;
        };
        CoverPatch: {
            /** @description `x,y` from -1 to 1, to the right and up: where the subject is; empty: what the eye goes to */
            coverFocus?: string | null;
            /** @description what the picture shows */
            coverAlt?: string | null;
        };
        EmailCode: {
            /** @description as it was mailed */
            code: string;
        };
        /** @description What the code means. */
        Explanation: {
            title: string;
            /** @enum {string} */
            code: "invalid" | "parse_error" | "not_authenticated" | "header_empty" | "header_spaces" | "token_invalid" | "token_wrong_type" | "account_unknown" | "account_inactive" | "bad_credentials" | "second_factor_required" | "permission_denied" | "proof_required" | "already_deleted" | "not_found" | "method_not_allowed" | "request_timeout" | "precondition_failed" | "failed_dependency" | "too_large" | "unsupported_media_type" | "throttled" | "internal" | "unavailable" | "insufficient_storage";
            status: number;
        };
        /** @description The field. */
        Field: {
            key: string;
            isDeclared: boolean;
            /** @description of a declared field its own; of a built-in one the format of its text, or `choice`, `boolean`, `picture`, `list` */
            type: string;
            label: string;
            choices: (string | null)[] | null;
            maxLength: number | null;
            isMandatory: boolean;
            /** @description whether whoever changes it may do so again */
            isEditable: boolean;
            /** @description whether `q` finds people by it */
            isSearchable: boolean;
            /** @description who sees it: `public`, `member` or `self` (the person, and staff) */
            read: string;
            /** @description who changes it: `self`, `staff`, `admin`, `feed` (an admin for another system) or `never` */
            write: string;
            /** @description whether you may change your own */
            canWrite: boolean;
            rule: string | null;
            /** @description to whom a person can narrow it */
            audiences: ("public" | "member" | "self")[];
        };
        /** @description The field as it would be, unless it would be gone, and what it would meet; nothing was written. */
        FieldCheck: {
            key?: string;
            isDeclared?: boolean;
            /** @description of a declared field its own; of a built-in one the format of its text, or `choice`, `boolean`, `picture`, `list` */
            type?: string;
            label?: string;
            choices?: (string | null)[] | null;
            maxLength?: number | null;
            isMandatory?: boolean;
            /** @description whether whoever changes it may do so again */
            isEditable?: boolean;
            /** @description whether `q` finds people by it */
            isSearchable?: boolean;
            /** @description who sees it: `public`, `member` or `self` (the person, and staff) */
            read?: string;
            /** @description who changes it: `self`, `staff`, `admin`, `feed` (an admin for another system) or `never` */
            write?: string;
            /** @description whether you may change your own */
            canWrite?: boolean;
            rule?: string | null;
            /** @description to whom a person can narrow it */
            audiences?: ("public" | "member" | "self")[];
            dryRun: boolean;
            /** @description what would change, by field */
            changes: {
                [key: string]: {
                    from: unknown;
                    to: unknown;
                };
            };
            accounts: number;
            /** @description accounts that hold one */
            values: number;
            /** @description accounts that fit now and would no longer */
            breaks: number;
        };
        FieldCreate: {
            /** @description ^[a-z][a-z0-9_]{0,49}$ */
            key: string;
            label?: string;
            /** @enum {unknown} */
            type?: "string" | "integer" | "phone_number" | "enum" | "url" | "email" | "checkbox";
            /** @description the choices of an `enum`, at most 200 */
            options?: string[];
            isMandatory?: boolean;
            isEditable?: boolean;
            isSearchable?: boolean;
            /** @enum {unknown} */
            read?: "public" | "member" | "self";
            /** @enum {unknown} */
            write?: "self" | "staff" | "admin";
        };
        FieldPatch: {
            label?: string;
            /** @enum {unknown} */
            type?: "string" | "integer" | "phone_number" | "enum" | "url" | "email" | "checkbox";
            /** @description the choices of an `enum`, at most 200 */
            options?: string[];
            isMandatory?: boolean;
            isEditable?: boolean;
            isSearchable?: boolean;
            /** @enum {unknown} */
            read?: "public" | "member" | "self";
            /** @enum {unknown} */
            write?: "self" | "staff" | "admin";
        };
        ForgottenPassword: {
            /** @description as it was mailed */
            code: string;
            /** Format: password */
            password: string;
            /** @description six digits of the authenticator, or a recovery code */
            secondFactor?: string;
        };
        /** @description The group. */
        Group: {
            id: number;
            name: string;
            notes: string;
            membersCount: number;
            createdAt: string;
            updatedAt: string;
        };
        GroupCreate: {
            name: string;
            notes?: string;
        };
        /** @description A page, and as what `after` it goes on; null after the last. */
        GroupList: {
            items: components["schemas"]["Group"][];
            next: string | null;
            /** @description with `count=exact` */
            total?: number;
        };
        GroupPatch: {
            name?: string;
            notes?: string;
        };
        /** @description The group as it is now. */
        GroupWritten: {
            id: number;
            name: string;
            notes: string;
            membersCount: number;
            createdAt: string;
            updatedAt: string;
            /** @description nothing was written: this is what would be */
            dryRun?: boolean;
            /** @description what would change, by field */
            changes?: {
                [key: string]: {
                    from: unknown;
                    to: unknown;
                };
            };
        };
        /** @description The invitation. Its code goes by mail, and nowhere else. */
        Invitation: {
            id: number;
            email: string;
            groups: number[];
            isStaff: boolean;
            inviterId: number;
            createdAt: string | null;
            expiresAt: string | null;
        };
        InvitationAcceptance: {
            /** @description as it was mailed */
            code: string;
            /** Format: username */
            username: string;
            /** Format: password */
            password: string;
            realName?: string | null;
            firstName?: string | null;
            lastName?: string | null;
            attributes?: {
                [key: string]: unknown;
            };
        };
        InvitationCreate: {
            /** Format: email */
            email: string;
            groups?: number[];
            isStaff?: boolean;
        };
        /** @description A page, and as what `after` it goes on; null after the last. */
        InvitationList: {
            items: components["schemas"]["Invitation"][];
            next: string | null;
            /** @description with `count=exact` */
            total?: number;
        };
        MailedCode: {
            /** @description as it was mailed */
            code: string;
        };
        Members: {
            /** @description of people, at most 200 */
            ids: number[];
        };
        /** @description The group as it is now, and who came or went. */
        MembersChanged: {
            group: components["schemas"]["Group"];
            /** @description who came or went, and was not there or away already */
            changed: number[];
            /** @description nothing was written: this is what would be */
            dryRun?: boolean;
        };
        MyAvatarPatch: {
            /** @description `x,y` from -1 to 1, to the right and up: where the subject is; empty: what the eye goes to */
            avatarFocus?: string | null;
            /** @description `x,y,w,h` in pixels of the upright original: the part that squares are cut from; empty: all of it */
            avatarCrop?: string | null;
            /** @description what the picture shows */
            avatarAlt?: string | null;
        };
        MyCoverPatch: {
            /** @description `x,y` from -1 to 1, to the right and up: where the subject is; empty: what the eye goes to */
            coverFocus?: string | null;
            /** @description what the picture shows */
            coverAlt?: string | null;
        };
        /** @description Who sees what. */
        MyVisibility: {
            /** @enum {unknown} */
            realName: "public" | "member" | "self";
            /** @enum {unknown} */
            gender: "public" | "member" | "self";
            /** @enum {unknown} */
            bio: "public" | "member" | "self";
            /** @enum {unknown} */
            description: "public" | "member" | "self";
            /** @enum {unknown} */
            website: "public" | "member" | "self";
            /** @enum {unknown} */
            location: "public" | "member" | "self";
            /** @enum {unknown} */
            language: "public" | "member" | "self";
            /** @enum {unknown} */
            avatar: "public" | "member" | "self";
            /** @enum {unknown} */
            cover: "public" | "member" | "self";
            avatarByEmail: boolean;
            attributes: {
                [key: string]: unknown;
            };
        };
        MyVisibilityPatch: {
            /** @enum {unknown} */
            realName?: "public" | "member" | "self" | null;
            /** @enum {unknown} */
            gender?: "public" | "member" | "self" | null;
            /** @enum {unknown} */
            bio?: "public" | "member" | "self" | null;
            /** @enum {unknown} */
            description?: "public" | "member" | "self" | null;
            /** @enum {unknown} */
            website?: "public" | "member" | "self" | null;
            /** @enum {unknown} */
            location?: "public" | "member" | "self" | null;
            /** @enum {unknown} */
            language?: "public" | "member" | "self" | null;
            /** @enum {unknown} */
            avatar?: "public" | "member" | "self" | null;
            /** @enum {unknown} */
            cover?: "public" | "member" | "self" | null;
            avatarByEmail?: boolean;
            attributes?: {
                [key: string]: unknown;
            };
        };
        /** @description The person has changed since. */
        NativeConflict: {
            title: string;
            /** @description an address that explains the code */
            type: string;
            status: number;
            /** @enum {string} */
            code: "invalid" | "parse_error" | "not_authenticated" | "header_empty" | "header_spaces" | "token_invalid" | "token_wrong_type" | "account_unknown" | "account_inactive" | "bad_credentials" | "second_factor_required" | "permission_denied" | "proof_required" | "already_deleted" | "not_found" | "method_not_allowed" | "request_timeout" | "precondition_failed" | "failed_dependency" | "too_large" | "unsupported_media_type" | "throttled" | "internal" | "unavailable" | "insufficient_storage";
            detail: string;
            requestId: string;
            /** @description with `second_factor_required`: what `/v1/sign-in/second-factor` takes */
            ticket?: string;
            errors?: components["schemas"]["ProblemFinding"][];
            person: components["schemas"]["Person"];
            /** @description the fields that changed since the version that was named; null when that cannot be told */
            changed: string[] | null;
        };
        /** @description What is accepted, in numbers. */
        NativeLimits: {
            pictures: {
                avatar: components["schemas"]["NativePictureLimits"];
                cover: components["schemas"]["NativePictureLimits"];
            };
            /** @description how many avatars a person can keep */
            avatarsKept: number;
            /** @description the most characters of each field */
            texts: {
                username: number;
                email: number;
                realName: number;
                firstName: number;
                lastName: number;
                phone: number;
                bio: number;
                description: number;
                website: number;
                location: number;
                locationLatLng: number;
                positionLatLng: number;
                language: number;
                avatarFocus: number;
                avatarCrop: number;
                coverFocus: number;
                avatarAlt: number;
                coverAlt: number;
                extId: number;
            };
            /** @description characters of a new password */
            password: {
                min: number;
                max: number;
            };
            /** @description the most characters of a declared field, by its type, and how many choices one can have */
            declaredFields: {
                texts: {
                    string: number;
                    phone_number: number;
                    enum: number;
                    url: number;
                    email: number;
                };
                choices: number;
            };
            /** @description how many of a list come in one answer */
            page: {
                default: number;
                max: number;
            };
            /** @description how many can be added to a group at once, and removed */
            members: number;
        };
        NativePictureLimits: {
            /** @description of the file */
            maxBytes: number;
            formats: {
                [key: string]: {
                    /** @description width times height of one frame */
                    maxPixels: number;
                    /** @description the same, of a progressive one */
                    maxPixelsProgressive?: number;
                    /** @description the same, where a pixel takes more than usual */
                    maxPixelsHeavy?: number;
                };
            };
            /** @description pixels */
            maxSide: number;
            /** @description of an animation that is accepted */
            maxFrames: number;
            /** @description which animations stay animated in the main file */
            animated: {
                formats: string[];
                maxFrames: number;
                /** @description of all frames together */
                maxPixels: number;
            };
            /** @description the longer side of the picture that is made */
            mainSide: number;
            /** @description the smaller pictures that are made of it, by their width */
            sizes: number[];
        };
        NativeProblem: {
            title: string;
            /** @description an address that explains the code */
            type: string;
            status: number;
            /** @enum {string} */
            code: "invalid" | "parse_error" | "not_authenticated" | "header_empty" | "header_spaces" | "token_invalid" | "token_wrong_type" | "account_unknown" | "account_inactive" | "bad_credentials" | "second_factor_required" | "permission_denied" | "proof_required" | "already_deleted" | "not_found" | "method_not_allowed" | "request_timeout" | "precondition_failed" | "failed_dependency" | "too_large" | "unsupported_media_type" | "throttled" | "internal" | "unavailable" | "insufficient_storage";
            detail: string;
            requestId: string;
            /** @description with `second_factor_required`: what `/v1/sign-in/second-factor` takes */
            ticket?: string;
            errors?: components["schemas"]["ProblemFinding"][];
        };
        NewAddress: {
            /** Format: email */
            email: string;
        };
        NewPassword: {
            /** Format: password */
            newPassword: string;
            /** @description `true`: all API tokens end as well */
            endTokens?: boolean;
        };
        /** @description The token, which is shown this once. */
        NewToken: {
            id: number;
            name: string;
            prefix: string;
            createdAt: string | null;
            expiresAt: string | null;
            lastUsedAt: string | null;
            revokedAt: string | null;
            token: string;
        };
        /** @description The person, as the asker may see them. */
        Person: {
            id: number;
            username: string;
            email: string | null;
            emailConfirmed: boolean | null;
            pendingEmail: string | null;
            realName: string | null;
            firstName: string | null;
            lastName: string | null;
            fullName: string | null;
            phone: string | null;
            /** @enum {unknown} */
            gender: "male" | "female" | "non-binary" | "unspecified" | null;
            dateOfBirth: string | null;
            bio: string | null;
            description: string | null;
            website: string | null;
            location: string | null;
            locationLatLng: string | null;
            positionLatLng: string | null;
            language: string | null;
            attributes: {
                [key: string]: unknown;
            };
            visibility: components["schemas"]["PersonVisibility"];
            avatar: components["schemas"]["Picture"];
            cover: components["schemas"]["Picture"];
            groups: components["schemas"]["PersonGroup"][] | null;
            tags: components["schemas"]["PersonTag"][];
            extId: string | null;
            isActive: boolean;
            isStaff: boolean | null;
            isAdmin: boolean | null;
            /** @enum {unknown} */
            role: "editor" | "moderator" | null;
            isOnline: boolean | null;
            lastLoginAt: string | null;
            lastSeenAt: string | null;
            counters: components["schemas"]["PersonCounters"];
            version: number;
            createdAt: string;
            updatedAt: string | null;
            /** @description the fields that are closed to this reader, whether or not they hold anything */
            hidden: string[];
        };
        PersonCounters: {
            reputation: number | null;
            followings: number | null;
            followers: number | null;
            posts: number | null;
            discussions: number | null;
            statuses: number | null;
            polls: number | null;
            categories: number | null;
            unseenInteractions: number | null;
            unseenBanners: number | null;
        };
        PersonCreate: {
            /** Format: username */
            username: string;
            /** Format: email */
            email?: string | null;
            realName?: string | null;
            firstName?: string | null;
            lastName?: string | null;
            phone?: string | null;
            /** @enum {unknown} */
            gender?: "male" | "female" | "non-binary" | "unspecified" | null;
            /** Format: date */
            dateOfBirth?: string | null;
            bio?: string | null;
            description?: string | null;
            /** Format: uri */
            website?: string | null;
            location?: string | null;
            /** Format: latlng */
            locationLatLng?: string | null;
            /** Format: latlng */
            positionLatLng?: string | null;
            language?: string | null;
            /** @description null removes the picture */
            avatar?: null;
            /** @description null removes the picture */
            cover?: null;
            /** @description `x,y` from -1 to 1, to the right and up: where the subject is; empty: what the eye goes to */
            avatarFocus?: string | null;
            /** @description `x,y,w,h` in pixels of the upright original: the part that squares are cut from; empty: all of it */
            avatarCrop?: string | null;
            /** @description `x,y` from -1 to 1, to the right and up: where the subject is; empty: what the eye goes to */
            coverFocus?: string | null;
            /** @description what the picture shows */
            avatarAlt?: string | null;
            /** @description what the picture shows */
            coverAlt?: string | null;
            groups?: number[];
            extId?: string | null;
            isActive?: boolean;
            isStaff?: boolean;
            isAdmin?: boolean;
            attributes?: {
                [key: string]: unknown;
            };
            /** Format: password */
            password?: string;
        };
        PersonGroup: {
            id: number;
            name: string;
        };
        /** @description A page, and as what `after` it goes on; null after the last. */
        PersonList: {
            items: components["schemas"]["Person"][];
            next: string | null;
            /** @description with `count=exact` */
            total?: number;
        };
        PersonPatch: {
            /** Format: username */
            username?: string;
            /** Format: email */
            email?: string | null;
            realName?: string | null;
            firstName?: string | null;
            lastName?: string | null;
            phone?: string | null;
            /** @enum {unknown} */
            gender?: "male" | "female" | "non-binary" | "unspecified" | null;
            /** Format: date */
            dateOfBirth?: string | null;
            bio?: string | null;
            description?: string | null;
            /** Format: uri */
            website?: string | null;
            location?: string | null;
            /** Format: latlng */
            locationLatLng?: string | null;
            /** Format: latlng */
            positionLatLng?: string | null;
            language?: string | null;
            /** @description null removes the picture */
            avatar?: null;
            /** @description null removes the picture */
            cover?: null;
            /** @description `x,y` from -1 to 1, to the right and up: where the subject is; empty: what the eye goes to */
            avatarFocus?: string | null;
            /** @description `x,y,w,h` in pixels of the upright original: the part that squares are cut from; empty: all of it */
            avatarCrop?: string | null;
            /** @description `x,y` from -1 to 1, to the right and up: where the subject is; empty: what the eye goes to */
            coverFocus?: string | null;
            /** @description what the picture shows */
            avatarAlt?: string | null;
            /** @description what the picture shows */
            coverAlt?: string | null;
            groups?: number[];
            extId?: string | null;
            isActive?: boolean;
            isStaff?: boolean;
            isAdmin?: boolean;
            attributes?: {
                [key: string]: unknown;
            };
            readonly id?: unknown;
            readonly emailConfirmed?: unknown;
            readonly pendingEmail?: unknown;
            readonly fullName?: unknown;
            readonly visibility?: unknown;
            readonly role?: unknown;
            readonly isOnline?: unknown;
            readonly lastLoginAt?: unknown;
            readonly lastSeenAt?: unknown;
            readonly counters?: unknown;
            readonly version?: unknown;
            readonly createdAt?: unknown;
            readonly updatedAt?: unknown;
            readonly hidden?: unknown;
        };
        PersonSession: {
            id: number;
            device: string;
            address: string;
            createdAt: string | null;
            lastSeenAt: string | null;
            expiresAt: string | null;
            isCurrent: boolean;
        };
        /** @description A page, and as what `after` it goes on; null after the last. */
        PersonSessionList: {
            items: components["schemas"]["PersonSession"][];
            next: string | null;
            /** @description with `count=exact` */
            total?: number;
        };
        PersonTag: {
            id: number;
            name: string;
            color: string;
        };
        PersonVisibility: {
            /** @enum {unknown} */
            realName: "public" | "member" | "self";
            /** @enum {unknown} */
            gender: "public" | "member" | "self";
            /** @enum {unknown} */
            bio: "public" | "member" | "self";
            /** @enum {unknown} */
            description: "public" | "member" | "self";
            /** @enum {unknown} */
            website: "public" | "member" | "self";
            /** @enum {unknown} */
            location: "public" | "member" | "self";
            /** @enum {unknown} */
            language: "public" | "member" | "self";
            /** @enum {unknown} */
            avatar: "public" | "member" | "self";
            /** @enum {unknown} */
            cover: "public" | "member" | "self";
            attributes: {
                [key: string]: unknown;
            };
        } | null;
        /** @description The person as they are now. */
        PersonWritten: {
            id: number;
            username: string;
            email: string | null;
            emailConfirmed: boolean | null;
            pendingEmail: string | null;
            realName: string | null;
            firstName: string | null;
            lastName: string | null;
            fullName: string | null;
            phone: string | null;
            /** @enum {unknown} */
            gender: "male" | "female" | "non-binary" | "unspecified" | null;
            dateOfBirth: string | null;
            bio: string | null;
            description: string | null;
            website: string | null;
            location: string | null;
            locationLatLng: string | null;
            positionLatLng: string | null;
            language: string | null;
            attributes: {
                [key: string]: unknown;
            };
            visibility: components["schemas"]["PersonVisibility"];
            avatar: components["schemas"]["Picture"];
            cover: components["schemas"]["Picture"];
            groups: components["schemas"]["PersonGroup"][] | null;
            tags: components["schemas"]["PersonTag"][];
            extId: string | null;
            isActive: boolean;
            isStaff: boolean | null;
            isAdmin: boolean | null;
            /** @enum {unknown} */
            role: "editor" | "moderator" | null;
            isOnline: boolean | null;
            lastLoginAt: string | null;
            lastSeenAt: string | null;
            counters: components["schemas"]["PersonCounters"];
            version: number;
            createdAt: string;
            updatedAt: string | null;
            /** @description the fields that are closed to this reader, whether or not they hold anything */
            hidden: string[];
            /** @description nothing was written: this is what would be */
            dryRun?: boolean;
            /** @description what would change, by field */
            changes?: {
                [key: string]: {
                    from: unknown;
                    to: unknown;
                };
            };
            /** @description keys that were dropped, with `Prefer: handling=lenient` */
            ignored?: string[];
        };
        Picture: {
            url: string;
            /** @description the smaller ones, by their width */
            sizes: {
                [key: string]: string;
            };
            width: number;
            height: number;
            blurhash: string;
            color: string;
            focus: string | null;
            crop: string | null;
            alt: string | null;
            isAnimated: boolean;
        } | null;
        ProblemFinding: {
            field: string | null;
            /** @enum {string} */
            code: "required" | "null" | "blank" | "not_a_string" | "null_characters" | "max_length" | "min_length" | "invalid_email" | "invalid_url" | "invalid_username" | "invalid_value" | "invalid_boolean" | "invalid_choice" | "invalid_language" | "invalid_date" | "invalid_integer" | "min_value" | "max_value" | "username_taken" | "email_taken" | "ext_id_taken" | "email_unchanged" | "group_taken" | "tag_taken" | "tag_type" | "does_not_exist" | "incorrect_type" | "not_a_list" | "not_a_file" | "repeated_file" | "empty_file" | "no_file" | "no_picture" | "invalid_image" | "unsupported_image" | "image_pixels" | "image_side" | "image_pages" | "image_crop" | "image_lost" | "too_many_avatars" | "last_admin" | "password_common" | "password_similar" | "password_wrong" | "passwords_differ" | "password_hash_unknown" | "code_invalid" | "code_confirms_only" | "second_factor_required" | "second_factor_invalid" | "invalid_key" | "key_reserved" | "key_taken" | "key_in_removal" | "too_many_fields" | "options_unexpected" | "too_many_options" | "repeated_option" | "accounts_break" | "exactly_one" | "not_an_object" | "unknown_field" | "invalid_cursor" | "field_forbidden" | "no_data";
            message: string;
            limit?: number;
            found?: number;
            /** @description by which a field may not be changed */
            rule?: string;
        };
        /** @description Until when it counts. */
        Proof: {
            expiresAt: string;
        };
        ProofWords: {
            /** Format: password */
            password?: string;
            /** @description six digits of the authenticator, or a recovery code */
            code?: string;
        };
        /** @description How many count. */
        RecoveryCodesLeft: {
            left: number;
        };
        /** @description The codes that count in place of the authenticator, once each. Shown this once. */
        RecoveryWords: {
            recoveryCodes: string[];
        };
        Refresh: {
            refresh: string;
        };
        SecondFactorCode: {
            /** @description six digits of the authenticator, or a recovery code */
            code: string;
        };
        /** @description The secret, and the same as an address for an authenticator app. */
        SecondFactorOffer: {
            secret: string;
            uri: string;
        };
        /** @description Whether there is one. */
        SecondFactorState: {
            isOn: boolean;
        };
        SecondFactorTicket: {
            ticket: string;
            code: string;
        };
        SignIn: {
            login: string;
            /** Format: password */
            password: string;
            /** @description six digits of the authenticator, or a recovery code */
            code?: string;
        };
        SignUp: {
            /** Format: username */
            username: string;
            /** Format: email */
            email?: string;
            /** Format: password */
            password: string;
            realName?: string | null;
            firstName?: string | null;
            lastName?: string | null;
            attributes?: {
                [key: string]: unknown;
            };
        };
        /** @description The person, and the tokens of a new session. */
        SignedIn: {
            person: components["schemas"]["Person"];
            tokens: components["schemas"]["Tokens"];
        };
        /** @description The tag. */
        Tag: {
            id: number;
            /** @enum {unknown} */
            type: "user" | "category" | "contribution";
            name: string;
            description: string | null;
            color: string;
            isActive: boolean;
            isVisible: boolean;
            visibilityBoost: boolean;
            createdAt: string;
        };
        TagCreate: {
            /** @enum {unknown} */
            type?: "user" | "category" | "contribution";
            name: string;
            description?: string | null;
            /** @description `#rrggbb` */
            color?: string;
            isActive?: boolean;
            isVisible?: boolean;
            visibilityBoost?: boolean;
        };
        /** @description A page, and as what `after` it goes on; null after the last. */
        TagList: {
            items: components["schemas"]["Tag"][];
            next: string | null;
            /** @description with `count=exact` */
            total?: number;
        };
        TagPatch: {
            /** @enum {unknown} */
            type?: "user" | "category" | "contribution";
            name?: string;
            description?: string | null;
            /** @description `#rrggbb` */
            color?: string;
            isActive?: boolean;
            isVisible?: boolean;
            visibilityBoost?: boolean;
        };
        /** @description The tag as it is now. */
        TagWritten: {
            id: number;
            /** @enum {unknown} */
            type: "user" | "category" | "contribution";
            name: string;
            description: string | null;
            color: string;
            isActive: boolean;
            isVisible: boolean;
            visibilityBoost: boolean;
            createdAt: string;
            /** @description nothing was written: this is what would be */
            dryRun?: boolean;
            /** @description what would change, by field */
            changes?: {
                [key: string]: {
                    from: unknown;
                    to: unknown;
                };
            };
        };
        Token: {
            id: number;
            name: string;
            prefix: string;
            createdAt: string | null;
            expiresAt: string | null;
            lastUsedAt: string | null;
            revokedAt: string | null;
        };
        TokenCreate: {
            name: string;
            /** @description seconds; absent: until it is revoked */
            expiresIn?: number;
        };
        /** @description A page, and as what `after` it goes on; null after the last. */
        TokenList: {
            items: components["schemas"]["Token"][];
            next: string | null;
            /** @description with `count=exact` */
            total?: number;
        };
        /** @description The tokens of a session. */
        Tokens: {
            access: string;
            refresh: string;
            /** @description seconds that `access` counts */
            expiresIn: number;
        };
    };
    responses: {
        /** @description The person has changed since. */
        412: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["NativeConflict"];
            };
        };
        /** @description Refused, and nothing was changed. The body says why. */
        "4XX": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["NativeProblem"];
            };
        };
        /** @description The service could not do it. With 503, `Retry-After` says when to try again. */
        "5XX": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["NativeProblem"];
            };
        };
    };
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    signUp: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SignUp"];
            };
        };
        responses: {
            /** @description The person, and the tokens of a new session. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignedIn"];
                };
            };
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    signIn: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SignIn"];
            };
        };
        responses: {
            /** @description The person, and the tokens of a new session. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignedIn"];
                };
            };
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    signInWithSecondFactor: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SecondFactorTicket"];
            };
        };
        responses: {
            /** @description The person, and the tokens of a new session. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignedIn"];
                };
            };
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    requestSignInCode: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Address"];
            };
        };
        responses: {
            /** @description Done. The answer has no body. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    signInWithCode: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MailedCode"];
            };
        };
        responses: {
            /** @description The person, and the tokens of a new session. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignedIn"];
                };
            };
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    comeBack: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ComeBack"];
            };
        };
        responses: {
            /** @description The person, and the tokens of a new session. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignedIn"];
                };
            };
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    refresh: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Refresh"];
            };
        };
        responses: {
            /** @description The tokens of a session. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Tokens"];
                };
            };
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    signOut: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. The answer has no body. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    prove: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProofWords"];
            };
        };
        responses: {
            /** @description Until when it counts. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Proof"];
                };
            };
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    listInvitations: {
        parameters: {
            query?: {
                /** @description how many, 10 unless told, at most 100 */
                limit?: string;
                /** @description the `next` of the page before */
                after?: string;
                /** @description `exact`: the answer says in `total` how many there are */
                count?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page, and as what `after` it goes on; null after the last. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InvitationList"];
                };
            };
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    invite: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["InvitationCreate"];
            };
        };
        responses: {
            /** @description The invitation. Its code goes by mail, and nowhere else. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Invitation"];
                };
            };
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    withdrawInvitation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 1 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. The answer has no body. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    acceptInvitation: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["InvitationAcceptance"];
            };
        };
        responses: {
            /** @description The person, and the tokens of a new session. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignedIn"];
                };
            };
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    setMyPassword: {
        parameters: {
            query?: never;
            header?: {
                /** @description the `ETag` of the account as it was read: 412 when it has changed since */
                "If-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewPassword"];
            };
        };
        responses: {
            /** @description Done. The answer has no body. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            412: components["responses"]["412"];
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    recoverPassword: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Address"];
            };
        };
        responses: {
            /** @description Done. The answer has no body. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    resetPassword: {
        parameters: {
            query?: never;
            header?: {
                /** @description the `ETag` of the account as it was read: 412 when it has changed since */
                "If-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ForgottenPassword"];
            };
        };
        responses: {
            /** @description The person, and the tokens of a new session. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignedIn"];
                };
            };
            412: components["responses"]["412"];
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    setMyEmail: {
        parameters: {
            query?: never;
            header?: {
                /** @description the `ETag` of the account as it was read: 412 when it has changed since */
                "If-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewAddress"];
            };
        };
        responses: {
            /** @description Done. The answer has no body. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            412: components["responses"]["412"];
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    keepMyEmail: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. The answer has no body. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            412: components["responses"]["412"];
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    resendConfirmation: {
        parameters: {
            query?: never;
            header?: {
                /** @description the `ETag` of the account as it was read: 412 when it has changed since */
                "If-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. The answer has no body. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            412: components["responses"]["412"];
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    confirmEmail: {
        parameters: {
            query?: never;
            header?: {
                /** @description the `ETag` of the account as it was read: 412 when it has changed since */
                "If-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EmailCode"];
            };
        };
        responses: {
            /** @description Done. The answer has no body. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            412: components["responses"]["412"];
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    revertEmail: {
        parameters: {
            query?: never;
            header?: {
                /** @description the `ETag` of the account as it was read: 412 when it has changed since */
                "If-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EmailCode"];
            };
        };
        responses: {
            /** @description Done. The answer has no body. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            412: components["responses"]["412"];
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    getMe: {
        parameters: {
            query?: {
                /** @description the fields to answer with, with commas between them; all of them when it is absent */
                fields?: string;
                /** @description `public` or `member`: what they see */
                as?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The person, as the asker may see them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Person"];
                };
            };
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    deleteMe: {
        parameters: {
            query?: {
                /** @description `1` or `true`: for good */
                hard?: string;
            };
            header?: {
                /** @description the `ETag` of the account as it was read: 412 when it has changed since */
                "If-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. The answer has no body. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            412: components["responses"]["412"];
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    updateMe: {
        parameters: {
            query?: {
                /** @description `true`: judged and answered, and nothing is written */
                dryRun?: string;
            };
            header?: {
                /** @description the `ETag` of the account as it was read: 412 when it has changed since */
                "If-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PersonPatch"];
            };
        };
        responses: {
            /** @description The person as they are now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PersonWritten"];
                };
            };
            412: components["responses"]["412"];
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    getMyVisibility: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Who sees what. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MyVisibility"];
                };
            };
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    updateMyVisibility: {
        parameters: {
            query?: never;
            header?: {
                /** @description the `ETag` of the account as it was read: 412 when it has changed since */
                "If-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MyVisibilityPatch"];
            };
        };
        responses: {
            /** @description Who sees what. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MyVisibility"];
                };
            };
            412: components["responses"]["412"];
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    setMyAvatar: {
        parameters: {
            query?: {
                /** @description `true`: judged and answered, and nothing is written */
                dryRun?: string;
            };
            header?: {
                /** @description the `ETag` of the account as it was read: 412 when it has changed since */
                "If-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "image/*": string;
            };
        };
        responses: {
            /** @description The person as they are now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PersonWritten"];
                };
            };
            412: components["responses"]["412"];
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    removeMyAvatar: {
        parameters: {
            query?: {
                /** @description `true`: judged and answered, and nothing is written */
                dryRun?: string;
            };
            header?: {
                /** @description the `ETag` of the account as it was read: 412 when it has changed since */
                "If-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The person as they are now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PersonWritten"];
                };
            };
            412: components["responses"]["412"];
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    cutMyAvatar: {
        parameters: {
            query?: {
                /** @description `true`: judged and answered, and nothing is written */
                dryRun?: string;
            };
            header?: {
                /** @description the `ETag` of the account as it was read: 412 when it has changed since */
                "If-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MyAvatarPatch"];
            };
        };
        responses: {
            /** @description The person as they are now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PersonWritten"];
                };
            };
            412: components["responses"]["412"];
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    setMyCover: {
        parameters: {
            query?: {
                /** @description `true`: judged and answered, and nothing is written */
                dryRun?: string;
            };
            header?: {
                /** @description the `ETag` of the account as it was read: 412 when it has changed since */
                "If-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "image/*": string;
            };
        };
        responses: {
            /** @description The person as they are now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PersonWritten"];
                };
            };
            412: components["responses"]["412"];
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    removeMyCover: {
        parameters: {
            query?: {
                /** @description `true`: judged and answered, and nothing is written */
                dryRun?: string;
            };
            header?: {
                /** @description the `ETag` of the account as it was read: 412 when it has changed since */
                "If-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The person as they are now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PersonWritten"];
                };
            };
            412: components["responses"]["412"];
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    cutMyCover: {
        parameters: {
            query?: {
                /** @description `true`: judged and answered, and nothing is written */
                dryRun?: string;
            };
            header?: {
                /** @description the `ETag` of the account as it was read: 412 when it has changed since */
                "If-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MyCoverPatch"];
            };
        };
        responses: {
            /** @description The person as they are now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PersonWritten"];
                };
            };
            412: components["responses"]["412"];
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    listMySessions: {
        parameters: {
            query?: {
                /** @description how many, 10 unless told, at most 100 */
                limit?: string;
                /** @description the `next` of the page before */
                after?: string;
                /** @description `exact`: the answer says in `total` how many there are */
                count?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page, and as what `after` it goes on; null after the last. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PersonSessionList"];
                };
            };
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    endMySessions: {
        parameters: {
            query?: {
                /** @description `true`: all but the one that asks */
                others?: string;
                /** @description `true`: all API tokens end as well */
                tokens?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. The answer has no body. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    endMySession: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 1 */
                session_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. The answer has no body. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    listSessions: {
        parameters: {
            query?: {
                /** @description how many, 10 unless told, at most 100 */
                limit?: string;
                /** @description the `next` of the page before */
                after?: string;
                /** @description `exact`: the answer says in `total` how many there are */
                count?: string;
            };
            header?: never;
            path: {
                /** @example 1 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page, and as what `after` it goes on; null after the last. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PersonSessionList"];
                };
            };
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    endSessions: {
        parameters: {
            query?: {
                /** @description `true`: all API tokens end as well */
                tokens?: string;
            };
            header?: never;
            path: {
                /** @example 1 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. The answer has no body. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    endSession: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 1 */
                id: string;
                /** @example 1 */
                session_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. The answer has no body. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    listMyAvatars: {
        parameters: {
            query?: {
                /** @description how many, 10 unless told, at most 100 */
                limit?: string;
                /** @description the `next` of the page before */
                after?: string;
                /** @description `exact`: the answer says in `total` how many there are */
                count?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page, and as what `after` it goes on; null after the last. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AvatarList"];
                };
            };
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    addMyAvatar: {
        parameters: {
            query?: {
                /** @description `true`: judged and answered, and nothing is written */
                dryRun?: string;
            };
            header?: {
                /** @description the `ETag` of the account as it was read: 412 when it has changed since */
                "If-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "image/*": string;
            };
        };
        responses: {
            /** @description The avatar as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AvatarWritten"];
                };
            };
            /** @description The avatar as it is now. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AvatarWritten"];
                };
            };
            412: components["responses"]["412"];
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    getMyAvatar: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 1 */
                avatar_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The avatar, and whether it is the one that is shown. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Avatar"];
                };
            };
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    dropMyAvatar: {
        parameters: {
            query?: {
                /** @description `true`: judged and answered, and nothing is written */
                dryRun?: string;
            };
            header?: {
                /** @description the `ETag` of the account as it was read: 412 when it has changed since */
                "If-Match"?: string;
            };
            path: {
                /** @example 1 */
                avatar_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The avatar as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AvatarWritten"];
                };
            };
            /** @description Done. The answer has no body. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            412: components["responses"]["412"];
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    chooseMyAvatar: {
        parameters: {
            query?: {
                /** @description `true`: judged and answered, and nothing is written */
                dryRun?: string;
            };
            header?: {
                /** @description the `ETag` of the account as it was read: 412 when it has changed since */
                "If-Match"?: string;
            };
            path: {
                /** @example 1 */
                avatar_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AvatarChoice"];
            };
        };
        responses: {
            /** @description The avatar as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AvatarWritten"];
                };
            };
            412: components["responses"]["412"];
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    listAvatars: {
        parameters: {
            query?: {
                /** @description how many, 10 unless told, at most 100 */
                limit?: string;
                /** @description the `next` of the page before */
                after?: string;
                /** @description `exact`: the answer says in `total` how many there are */
                count?: string;
            };
            header?: never;
            path: {
                /** @example 1 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page, and as what `after` it goes on; null after the last. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AvatarList"];
                };
            };
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    addAvatar: {
        parameters: {
            query?: {
                /** @description `true`: judged and answered, and nothing is written */
                dryRun?: string;
            };
            header?: {
                /** @description the `ETag` of the account as it was read: 412 when it has changed since */
                "If-Match"?: string;
            };
            path: {
                /** @example 1 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "image/*": string;
            };
        };
        responses: {
            /** @description The avatar as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AvatarWritten"];
                };
            };
            /** @description The avatar as it is now. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AvatarWritten"];
                };
            };
            412: components["responses"]["412"];
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    getAvatar: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 1 */
                id: string;
                /** @example 1 */
                avatar_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The avatar, and whether it is the one that is shown. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Avatar"];
                };
            };
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    dropAvatar: {
        parameters: {
            query?: {
                /** @description `true`: judged and answered, and nothing is written */
                dryRun?: string;
            };
            header?: {
                /** @description the `ETag` of the account as it was read: 412 when it has changed since */
                "If-Match"?: string;
            };
            path: {
                /** @example 1 */
                id: string;
                /** @example 1 */
                avatar_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The avatar as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AvatarWritten"];
                };
            };
            /** @description Done. The answer has no body. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            412: components["responses"]["412"];
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    chooseAvatar: {
        parameters: {
            query?: {
                /** @description `true`: judged and answered, and nothing is written */
                dryRun?: string;
            };
            header?: {
                /** @description the `ETag` of the account as it was read: 412 when it has changed since */
                "If-Match"?: string;
            };
            path: {
                /** @example 1 */
                id: string;
                /** @example 1 */
                avatar_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AvatarChoice"];
            };
        };
        responses: {
            /** @description The avatar as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AvatarWritten"];
                };
            };
            412: components["responses"]["412"];
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    listMyTokens: {
        parameters: {
            query?: {
                /** @description how many, 10 unless told, at most 100 */
                limit?: string;
                /** @description the `next` of the page before */
                after?: string;
                /** @description `exact`: the answer says in `total` how many there are */
                count?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page, and as what `after` it goes on; null after the last. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TokenList"];
                };
            };
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    createMyToken: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TokenCreate"];
            };
        };
        responses: {
            /** @description The token, which is shown this once. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NewToken"];
                };
            };
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    revokeMyToken: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 1 */
                token_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. The answer has no body. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    getMySecondFactor: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Whether there is one. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SecondFactorState"];
                };
            };
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    beginMySecondFactor: {
        parameters: {
            query?: never;
            header?: {
                /** @description the `ETag` of the account as it was read: 412 when it has changed since */
                "If-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The secret, and the same as an address for an authenticator app. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SecondFactorOffer"];
                };
            };
            412: components["responses"]["412"];
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    endMySecondFactor: {
        parameters: {
            query?: never;
            header?: {
                /** @description the `ETag` of the account as it was read: 412 when it has changed since */
                "If-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. The answer has no body. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            412: components["responses"]["412"];
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    confirmMySecondFactor: {
        parameters: {
            query?: never;
            header?: {
                /** @description the `ETag` of the account as it was read: 412 when it has changed since */
                "If-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SecondFactorCode"];
            };
        };
        responses: {
            /** @description The codes that count in place of the authenticator, once each. Shown this once. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RecoveryWords"];
                };
            };
            412: components["responses"]["412"];
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    countMyRecoveryCodes: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description How many count. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RecoveryCodesLeft"];
                };
            };
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    renewMyRecoveryCodes: {
        parameters: {
            query?: never;
            header?: {
                /** @description the `ETag` of the account as it was read: 412 when it has changed since */
                "If-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The codes that count in place of the authenticator, once each. Shown this once. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RecoveryWords"];
                };
            };
            412: components["responses"]["412"];
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    getSecondFactor: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 1 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Whether there is one. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SecondFactorState"];
                };
            };
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    resetSecondFactor: {
        parameters: {
            query?: never;
            header?: {
                /** @description the `ETag` of the account as it was read: 412 when it has changed since */
                "If-Match"?: string;
            };
            path: {
                /** @example 1 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. The answer has no body. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            412: components["responses"]["412"];
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    mailPasswordReset: {
        parameters: {
            query?: never;
            header?: {
                /** @description the `ETag` of the account as it was read: 412 when it has changed since */
                "If-Match"?: string;
            };
            path: {
                /** @example 1 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. The answer has no body. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            412: components["responses"]["412"];
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    listMyChanges: {
        parameters: {
            query?: {
                /** @description how many, 10 unless told, at most 100 */
                limit?: string;
                /** @description the `next` of the page before */
                after?: string;
                /** @description `exact`: the answer says in `total` how many there are */
                count?: string;
                /** @description the id of whoever did it */
                actor?: string;
                /** @description one of the fields that were changed */
                field?: string;
                /** @description through which family */
                family?: string;
                /** @description what it was done to: account, group, tag, field, session, token, second factor, password code, sign-in, invitation */
                noun?: string;
                /** @description the earliest time, like `2026-01-31T12:00:00Z` */
                from?: string;
                /** @description the time before which it was */
                until?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page, and as what `after` it goes on; null after the last. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChangeList"];
                };
            };
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    listChanges: {
        parameters: {
            query?: {
                /** @description how many, 10 unless told, at most 100 */
                limit?: string;
                /** @description the `next` of the page before */
                after?: string;
                /** @description `exact`: the answer says in `total` how many there are */
                count?: string;
                /** @description the id of whoever did it */
                actor?: string;
                /** @description one of the fields that were changed */
                field?: string;
                /** @description through which family */
                family?: string;
                /** @description what it was done to: account, group, tag, field, session, token, second factor, password code, sign-in, invitation */
                noun?: string;
                /** @description the earliest time, like `2026-01-31T12:00:00Z` */
                from?: string;
                /** @description the time before which it was */
                until?: string;
            };
            header?: never;
            path: {
                /** @example 1 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page, and as what `after` it goes on; null after the last. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChangeList"];
                };
            };
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    listAllChanges: {
        parameters: {
            query?: {
                /** @description how many, 10 unless told, at most 100 */
                limit?: string;
                /** @description the `next` of the page before */
                after?: string;
                /** @description `exact`: the answer says in `total` how many there are */
                count?: string;
                /** @description the id of whose account */
                person?: string;
                /** @description the id of whoever did it */
                actor?: string;
                /** @description one of the fields that were changed */
                field?: string;
                /** @description through which family */
                family?: string;
                /** @description what it was done to: account, group, tag, field, session, token, second factor, password code, sign-in, invitation */
                noun?: string;
                /** @description the earliest time, like `2026-01-31T12:00:00Z` */
                from?: string;
                /** @description the time before which it was */
                until?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page, and as what `after` it goes on; null after the last. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChangeList"];
                };
            };
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    listPeople: {
        parameters: {
            query?: {
                /** @description how many, 10 unless told, at most 100 */
                limit?: string;
                /** @description the `next` of the page before */
                after?: string;
                /** @description `exact`: the answer says in `total` how many there are */
                count?: string;
                /** @description the fields to answer with, with commas between them; all of them when it is absent */
                fields?: string;
                /** @description id, username, email, realName, firstName, lastName, location, createdAt, updatedAt, lastLoginAt, distance, with commas between them and `-` for descending; `distance` is from where `near` is */
                order?: string;
                /** @description words that all stand in something that you may search */
                q?: string;
                /** @description people who have this; nothing behind the `=`: those who have nothing there */
                id?: string;
                /** @description people who have this; nothing behind the `=`: those who have nothing there */
                username?: string;
                /** @description people who have this; nothing behind the `=`: those who have nothing there */
                email?: string;
                /** @description people who have this; nothing behind the `=`: those who have nothing there */
                firstName?: string;
                /** @description people who have this; nothing behind the `=`: those who have nothing there */
                lastName?: string;
                /** @description people who have this; nothing behind the `=`: those who have nothing there */
                realName?: string;
                /** @description people who have this; nothing behind the `=`: those who have nothing there */
                phone?: string;
                /** @description people who have this; nothing behind the `=`: those who have nothing there */
                gender?: string;
                /** @description people who have this; nothing behind the `=`: those who have nothing there */
                location?: string;
                /** @description people who have this; nothing behind the `=`: those who have nothing there */
                description?: string;
                /** @description people who have this; nothing behind the `=`: those who have nothing there */
                website?: string;
                /** @description people who have this; nothing behind the `=`: those who have nothing there */
                language?: string;
                /** @description people who have this; nothing behind the `=`: those who have nothing there */
                isActive?: string;
                /** @description people who have this; nothing behind the `=`: those who have nothing there */
                isStaff?: string;
                /** @description people who have this; nothing behind the `=`: those who have nothing there */
                isAdmin?: string;
                /** @description people who have this; nothing behind the `=`: those who have nothing there */
                role?: string;
                /** @description people who have this; nothing behind the `=`: those who have nothing there */
                extId?: string;
                /** @description `from/until` in ISO 8601, days or times, without the end; `..` leaves a side open */
                createdAt?: string;
                /** @description `from/until` in ISO 8601, days or times, without the end; `..` leaves a side open */
                updatedAt?: string;
                /** @description `from/until` in ISO 8601, days or times, without the end; `..` leaves a side open */
                lastLoginAt?: string;
                /** @description `true` or `false` */
                isOnline?: string;
                /** @description the id of a group that they are in */
                group?: string;
                /** @description the id of a tag that they have */
                tag?: string;
                /** @description `lat,lng,50km` */
                near?: string;
                /** @description a declared field by its key, like `attributes.shoe_size=42` */
                "attributes.*"?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page, and as what `after` it goes on; null after the last. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PersonList"];
                };
            };
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    createPerson: {
        parameters: {
            query?: {
                /** @description `true`: judged and answered, and nothing is written */
                dryRun?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PersonCreate"];
            };
        };
        responses: {
            /** @description The person as they are now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PersonWritten"];
                };
            };
            /** @description The person as they are now. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PersonWritten"];
                };
            };
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    restorePerson: {
        parameters: {
            query?: never;
            header?: {
                /** @description the `ETag` of the account as it was read: 412 when it has changed since */
                "If-Match"?: string;
            };
            path: {
                /** @example 1 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The person, as the asker may see them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Person"];
                };
            };
            412: components["responses"]["412"];
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    getPerson: {
        parameters: {
            query?: {
                /** @description the fields to answer with, with commas between them; all of them when it is absent */
                fields?: string;
            };
            header?: never;
            path: {
                /** @example 1 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The person, as the asker may see them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Person"];
                };
            };
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    deletePerson: {
        parameters: {
            query?: {
                /** @description `1` or `true`: for good */
                hard?: string;
            };
            header?: {
                /** @description the `ETag` of the account as it was read: 412 when it has changed since */
                "If-Match"?: string;
            };
            path: {
                /** @example 1 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. The answer has no body. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            412: components["responses"]["412"];
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    updatePerson: {
        parameters: {
            query?: {
                /** @description `true`: judged and answered, and nothing is written */
                dryRun?: string;
            };
            header?: {
                /** @description the `ETag` of the account as it was read: 412 when it has changed since */
                "If-Match"?: string;
            };
            path: {
                /** @example 1 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PersonPatch"];
            };
        };
        responses: {
            /** @description The person as they are now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PersonWritten"];
                };
            };
            412: components["responses"]["412"];
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    updatePeople: {
        parameters: {
            query?: {
                /** @description `true`: judged and answered, and nothing is written */
                dryRun?: string;
                /** @description `true`: all are stored, or none */
                atomic?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Batch"];
            };
        };
        responses: {
            /** @description For each item, in the same order, what it would have been answered by itself. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BatchAnswers"];
                };
            };
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    listGroups: {
        parameters: {
            query?: {
                /** @description how many, 10 unless told, at most 100 */
                limit?: string;
                /** @description the `next` of the page before */
                after?: string;
                /** @description `exact`: the answer says in `total` how many there are */
                count?: string;
                /** @description part of the name or the notes */
                q?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page, and as what `after` it goes on; null after the last. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GroupList"];
                };
            };
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    createGroup: {
        parameters: {
            query?: {
                /** @description `true`: judged and answered, and nothing is written */
                dryRun?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["GroupCreate"];
            };
        };
        responses: {
            /** @description The group as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GroupWritten"];
                };
            };
            /** @description The group as it is now. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GroupWritten"];
                };
            };
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    getGroup: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 1 */
                group_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The group. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Group"];
                };
            };
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    deleteGroup: {
        parameters: {
            query?: {
                /** @description `true`: judged and answered, and nothing is written */
                dryRun?: string;
            };
            header?: never;
            path: {
                /** @example 1 */
                group_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The group as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GroupWritten"];
                };
            };
            /** @description Done. The answer has no body. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    updateGroup: {
        parameters: {
            query?: {
                /** @description `true`: judged and answered, and nothing is written */
                dryRun?: string;
            };
            header?: never;
            path: {
                /** @example 1 */
                group_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["GroupPatch"];
            };
        };
        responses: {
            /** @description The group as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GroupWritten"];
                };
            };
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    listMembers: {
        parameters: {
            query?: {
                /** @description how many, 10 unless told, at most 100 */
                limit?: string;
                /** @description the `next` of the page before */
                after?: string;
                /** @description `exact`: the answer says in `total` how many there are */
                count?: string;
                /** @description the fields to answer with, with commas between them; all of them when it is absent */
                fields?: string;
            };
            header?: never;
            path: {
                /** @example 1 */
                group_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page, and as what `after` it goes on; null after the last. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PersonList"];
                };
            };
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    addMembers: {
        parameters: {
            query?: {
                /** @description `true`: judged and answered, and nothing is written */
                dryRun?: string;
            };
            header?: never;
            path: {
                /** @example 1 */
                group_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Members"];
            };
        };
        responses: {
            /** @description The group as it is now, and who came or went. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MembersChanged"];
                };
            };
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    removeMembers: {
        parameters: {
            query?: {
                /** @description `true`: judged and answered, and nothing is written */
                dryRun?: string;
            };
            header?: never;
            path: {
                /** @example 1 */
                group_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Members"];
            };
        };
        responses: {
            /** @description The group as it is now, and who came or went. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MembersChanged"];
                };
            };
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    listTags: {
        parameters: {
            query?: {
                /** @description how many, 10 unless told, at most 100 */
                limit?: string;
                /** @description the `next` of the page before */
                after?: string;
                /** @description `exact`: the answer says in `total` how many there are */
                count?: string;
                /** @description part of the name or the description */
                q?: string;
                /** @description `user`, `category`, `contribution` */
                type?: string;
                /** @description `true` or `false` */
                isActive?: string;
                /** @description `true` or `false` */
                isVisible?: string;
                /** @description `true` or `false` */
                visibilityBoost?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page, and as what `after` it goes on; null after the last. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TagList"];
                };
            };
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    createTag: {
        parameters: {
            query?: {
                /** @description `true`: judged and answered, and nothing is written */
                dryRun?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TagCreate"];
            };
        };
        responses: {
            /** @description The tag as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TagWritten"];
                };
            };
            /** @description The tag as it is now. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TagWritten"];
                };
            };
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    getTag: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 1 */
                tag_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The tag. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Tag"];
                };
            };
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    updateTag: {
        parameters: {
            query?: {
                /** @description `true`: judged and answered, and nothing is written */
                dryRun?: string;
            };
            header?: never;
            path: {
                /** @example 1 */
                tag_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TagPatch"];
            };
        };
        responses: {
            /** @description The tag as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TagWritten"];
                };
            };
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    giveTag: {
        parameters: {
            query?: {
                /** @description `true`: judged and answered, and nothing is written */
                dryRun?: string;
            };
            header?: {
                /** @description the `ETag` of the account as it was read: 412 when it has changed since */
                "If-Match"?: string;
            };
            path: {
                /** @example 1 */
                id: string;
                /** @example 1 */
                tag_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The person as they are now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PersonWritten"];
                };
            };
            412: components["responses"]["412"];
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    takeTag: {
        parameters: {
            query?: {
                /** @description `true`: judged and answered, and nothing is written */
                dryRun?: string;
            };
            header?: {
                /** @description the `ETag` of the account as it was read: 412 when it has changed since */
                "If-Match"?: string;
            };
            path: {
                /** @example 1 */
                id: string;
                /** @example 1 */
                tag_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The person as they are now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PersonWritten"];
                };
            };
            412: components["responses"]["412"];
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    listFields: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Built in, then declared. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Field"][];
                };
            };
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    declareField: {
        parameters: {
            query?: {
                /** @description `true`: judged and answered, and nothing is written */
                dryRun?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["FieldCreate"];
            };
        };
        responses: {
            /** @description The field as it would be, unless it would be gone, and what it would meet; nothing was written. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FieldCheck"];
                };
            };
            /** @description The field. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Field"];
                };
            };
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    dropField: {
        parameters: {
            query?: {
                /** @description `true`: judged and answered, and nothing is written */
                dryRun?: string;
            };
            header?: never;
            path: {
                /** @example shoe_size */
                key: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The field as it would be, unless it would be gone, and what it would meet; nothing was written. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FieldCheck"];
                };
            };
            /** @description Done. The answer has no body. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    changeField: {
        parameters: {
            query?: {
                /** @description `true`: judged and answered, and nothing is written */
                dryRun?: string;
                /** @description `true`: even if accounts break */
                force?: string;
            };
            header?: never;
            path: {
                /** @example shoe_size */
                key: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["FieldPatch"];
            };
        };
        responses: {
            /** @description The field, or what a dry run would meet. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FieldCheck"] | components["schemas"]["Field"];
                };
            };
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    getLimits: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What is accepted, in numbers. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NativeLimits"];
                };
            };
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    explainProblem: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 1 */
                code: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What the code means. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Explanation"];
                };
            };
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    setAvatar: {
        parameters: {
            query?: {
                /** @description `true`: judged and answered, and nothing is written */
                dryRun?: string;
            };
            header?: {
                /** @description the `ETag` of the account as it was read: 412 when it has changed since */
                "If-Match"?: string;
            };
            path: {
                /** @example 1 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "image/*": string;
            };
        };
        responses: {
            /** @description The person as they are now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PersonWritten"];
                };
            };
            412: components["responses"]["412"];
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    removeAvatar: {
        parameters: {
            query?: {
                /** @description `true`: judged and answered, and nothing is written */
                dryRun?: string;
            };
            header?: {
                /** @description the `ETag` of the account as it was read: 412 when it has changed since */
                "If-Match"?: string;
            };
            path: {
                /** @example 1 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The person as they are now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PersonWritten"];
                };
            };
            412: components["responses"]["412"];
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    cutAvatar: {
        parameters: {
            query?: {
                /** @description `true`: judged and answered, and nothing is written */
                dryRun?: string;
            };
            header?: {
                /** @description the `ETag` of the account as it was read: 412 when it has changed since */
                "If-Match"?: string;
            };
            path: {
                /** @example 1 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AvatarPatch"];
            };
        };
        responses: {
            /** @description The person as they are now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PersonWritten"];
                };
            };
            412: components["responses"]["412"];
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    setCover: {
        parameters: {
            query?: {
                /** @description `true`: judged and answered, and nothing is written */
                dryRun?: string;
            };
            header?: {
                /** @description the `ETag` of the account as it was read: 412 when it has changed since */
                "If-Match"?: string;
            };
            path: {
                /** @example 1 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "image/*": string;
            };
        };
        responses: {
            /** @description The person as they are now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PersonWritten"];
                };
            };
            412: components["responses"]["412"];
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    removeCover: {
        parameters: {
            query?: {
                /** @description `true`: judged and answered, and nothing is written */
                dryRun?: string;
            };
            header?: {
                /** @description the `ETag` of the account as it was read: 412 when it has changed since */
                "If-Match"?: string;
            };
            path: {
                /** @example 1 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The person as they are now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PersonWritten"];
                };
            };
            412: components["responses"]["412"];
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    cutCover: {
        parameters: {
            query?: {
                /** @description `true`: judged and answered, and nothing is written */
                dryRun?: string;
            };
            header?: {
                /** @description the `ETag` of the account as it was read: 412 when it has changed since */
                "If-Match"?: string;
            };
            path: {
                /** @example 1 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CoverPatch"];
            };
        };
        responses: {
            /** @description The person as they are now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PersonWritten"];
                };
            };
            412: components["responses"]["412"];
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    listTokens: {
        parameters: {
            query?: {
                /** @description how many, 10 unless told, at most 100 */
                limit?: string;
                /** @description the `next` of the page before */
                after?: string;
                /** @description `exact`: the answer says in `total` how many there are */
                count?: string;
            };
            header?: never;
            path: {
                /** @example 1 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page, and as what `after` it goes on; null after the last. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TokenList"];
                };
            };
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    createToken: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 1 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TokenCreate"];
            };
        };
        responses: {
            /** @description The token, which is shown this once. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NewToken"];
                };
            };
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
    revokeToken: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 1 */
                id: string;
                /** @example 1 */
                token_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. The answer has no body. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            "4XX": components["responses"]["4XX"];
            "5XX": components["responses"]["5XX"];
        };
    };
}
