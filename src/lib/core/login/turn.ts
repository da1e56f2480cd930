// What a step of the login gets: the login, the state that it is in, and the way on.
import type { ClientCommand } from '../protocol/command.js';
import type { Login } from './login.js';
import type { LoginStateName, LoginStateOf, Ways } from './progress.js';

/** One command on its way through a state. `advance`: it succeeded, on to the next. */
export interface Turn<From extends LoginStateName, To extends LoginStateName = 'ident'> {
  login: Login;
  state: LoginStateOf<From>;
  advance(...way: Ways[To]): void;
}

export type LoginStep<From extends LoginStateName, To extends LoginStateName = 'ident'> = (
  turn: Turn<From, To>,
  command: ClientCommand,
) => void;
