// Files of the server: archives of sessions, backups, recordings and templates. Listed, downloaded, deleted; a backup is made
// and checked, a template added, and anything that was drawn becomes a session again.

import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { call, downloadPath, type OutputOf } from '../api.js';
import { dp } from '../commands.js';
import { useKept, useLive } from '../live.js';
import {
  Bdi,
  Chip,
  Choice,
  Commands,
  Empty,
  hasWords,
  Loading,
  Search,
  TextField,
  Time,
  toast,
  useAction,
} from '../parts.js';
import { sessionPath } from '../paths.js';
import { filter, go, setFilter } from '../router.js';
import { Sheet } from '../sheet.js';
import { bytes, exact, t, tn, visible } from '../texts/texts.js';
import { VirtualList } from '../virtual-list.js';
import { AddTemplate } from './add-template.js';

export type StoredFile = OutputOf<'file.list'>['files'][number];
type Kind = StoredFile['kind'];

const kinds: readonly Kind[] = ['archive', 'backup', 'recording', 'template'];
const refOf = ({ kind, name }: Pick<StoredFile, 'kind' | 'name'>) => `${kind}/${name}`;

export function FilesPlace(): JSX.Element {
  const found = useLive('file.list', {}, ['file', 'session']);
  const chosen = useSignal<string | undefined>(undefined);
  const kept = useKept(
    found.data?.files.find((file) => refOf(file) === chosen.value),
    chosen.value !== undefined,
  );
  if (!found.data) {
    return (
      <>
        <h1>{t('place.files')}</h1>
        <Loading of={found} retry={found.refresh} />
      </>
    );
  }
  const { files, folders } = found.data;
  const words = filter('search');
  const kind = kinds.find((each) => each === filter('kind'));
  const shown = files.filter(
    (file) =>
      (kind === undefined || file.kind === kind) &&
      hasWords(
        [file.name, file.title, file.alias, file.founder, t(`files.kind.${file.kind}`)].join(' '),
        words,
      ),
  );
  const keeps = (each: Kind) => folders.some((folder) => folder.kind === each);
  const close = () => {
    chosen.value = undefined;
  };
  const size = shown.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const missing = kinds.filter((each) => !keeps(each) && (kind === undefined || kind === each));
  return (
    <>
      <div class="row apart">
        <h1>{t('place.files')}</h1>
        <div class="row">
          {keeps('template') && <AddTemplate onDone={found.refresh} />}
          {keeps('backup') && <CreateBackup onDone={found.refresh} />}
        </div>
      </div>
      {files.length > 0 && (
        <Search label={t('files.search')} value={words} onInput={(text) => setFilter('search', text)} />
      )}
      <Choice<Kind | 'all'>
        label={t('files.kinds')}
        options={[['all', t('files.all')], ...kinds.map((each) => [each, t(`files.kinds.${each}`)] as const)]}
        value={kind ?? 'all'}
        onChoose={(each) => setFilter('kind', each === 'all' ? '' : each)}
      />
      {files.length === 0 ? (
        <Empty title={t('files.empty')}>
          <p class="soft">{t('files.emptyText')}</p>
        </Empty>
      ) : shown.length === 0 ? (
        <p class="soft">{t('files.none')}</p>
      ) : (
        <>
          <p class="soft small">{tn('files.count', shown.length, { size: bytes(size) })}</p>
          <VirtualList
            items={shown}
            keyOf={refOf}
            label={t('place.files')}
            rowHeight={66}
            render={(file) => (
              <button
                type="button"
                class="item"
                onClick={() => {
                  chosen.value = refOf(file);
                }}
              >
                <FileWords file={file} />
              </button>
            )}
          />
        </>
      )}
      {missing.length > 0 && (
        <div class="soft small">
          {missing.map((each) => (
            <p key={each}>{t(`files.notKept.${each}`)}</p>
          ))}
        </div>
      )}
      <Commands lines={[dp('file list', [], { kind })]} />
      {kept.item && (
        <Sheet title={<Bdi>{titleOf(kept.item)}</Bdi>} onClose={close}>
          <FileSheet key={refOf(kept.item)} file={kept.item} isGone={kept.isGone} onDone={close} />
        </Sheet>
      )}
    </>
  );
}

/** Of a name, what would turn its ending around is shown. */
const titleOf = ({ title, alias, name }: StoredFile): string => title?.trim() || alias || visible(name);

function FileWords({ file }: { file: StoredFile }): JSX.Element {
  const { name, sizeBytes, changed } = file;
  return (
    <>
      <span class="grow">
        <strong class="title">
          <Bdi>{titleOf(file)}</Bdi>
        </strong>
        <span class="soft small">
          <State file={file} /> {bytes(sizeBytes)} · <Time at={changed} />
          {titleOf(file) !== visible(name) && (
            <>
              {' · '}
              <span class="mono">
                <Bdi>{visible(name)}</Bdi>
              </span>
            </>
          )}
        </span>
      </span>
      <Chip>{t(`files.kind.${file.kind}`)}</Chip>
    </>
  );
}

function State({ file: { isInUse, isLive, problem, problems } }: { file: StoredFile }): JSX.Element | null {
  if (problem !== undefined) return <Chip kind="bad">{t('files.notOffered')}</Chip>;
  if (isInUse) return <Chip kind="mark">{t('files.inUse')}</Chip>;
  if (isLive) return <Chip>{t('files.beforeReset')}</Chip>;
  return problems === undefined ? null : <Chip kind="warn">{tn('files.problems', problems)}</Chip>;
}

function FileSheet({
  file,
  isGone,
  onDone,
}: {
  file: StoredFile;
  isGone: boolean;
  onDone: () => void;
}): JSX.Element {
  const { kind, name, sizeBytes, changed, founder, session, problem } = file;
  return (
    <div class="stack">
      <dl class="pairs">
        {titleOf(file) !== visible(name) && (
          <>
            <dt>{t('files.name')}</dt>
            <dd class="mono">
              <Bdi>{visible(name)}</Bdi>
            </dd>
          </>
        )}
        <dt>{t('files.size')}</dt>
        <dd>
          {t(`files.kind.${kind}`)}, {bytes(sizeBytes)}
        </dd>
        <dt>{t('files.changed')}</dt>
        <dd>{exact(changed)}</dd>
        {session !== undefined && (
          <>
            <dt>{t('reports.session')}</dt>
            <dd>
              <span class="mono">{session}</span>
              {founder && (
                <>
                  , <Bdi>{founder}</Bdi>
                </>
              )}
            </dd>
          </>
        )}
      </dl>
      {problem !== undefined && <p class="problem">{problem}</p>}
      {isGone ? (
        <p class="banner" role="status">
          {t('files.gone')}
        </p>
      ) : (
        <>
          <div>
            <a class="button first" href={downloadPath(kind, name)} download>
              {t('files.download')}
            </a>
          </div>
          {kind === 'backup' && <p class="soft small">{t('files.secret')}</p>}
          {kind === 'backup' && <Verify name={name} />}
          {kind !== 'backup' && problem === undefined && <OpenAgain file={file} />}
          <Delete file={file} onDone={onDone} />
        </>
      )}
      <Commands
        lines={[
          dp('file get', [refOf(file)]),
          ...(kind === 'backup'
            ? [dp('file verify', [name]), dp('backup restore', [name])]
            : [dp('session create', [], { from: refOf(file) })]),
          dp('file delete', [refOf(file)]),
        ]}
      />
    </div>
  );
}

function CreateBackup({ onDone }: { onDone: () => void }): JSX.Element {
  const { run, isRunning, problem } = useAction();
  return (
    <>
      {problem}
      <button
        type="button"
        class="button first"
        disabled={isRunning}
        onClick={() =>
          void run(async () => {
            const made = await call('file.backup', {});
            toast(t('files.backedUp', { name: made.name, size: bytes(made.sizeBytes) }));
            onDone();
          })
        }
      >
        {t(isRunning ? 'files.backingUp' : 'files.backUp')}
      </button>
    </>
  );
}

function Verify({ name }: { name: string }): JSX.Element {
  const checked = useSignal<OutputOf<'file.verify'> | undefined>(undefined);
  const { run, isRunning, problem } = useAction();
  return (
    <section class="stack" aria-label={t('files.verify')}>
      {problem}
      <div>
        <button
          type="button"
          class="button"
          disabled={isRunning}
          onClick={() =>
            void run(async () => {
              checked.value = await call('file.verify', { name });
            })
          }
        >
          {t(isRunning ? 'files.verifying' : 'files.verify')}
        </button>
      </div>
      <div role="status">{checked.value && <Checked backup={checked.value} />}</div>
      <p class="soft small">{t('files.restore')}</p>
    </section>
  );
}

function Checked({ backup }: { backup: OutputOf<'file.verify'> }): JSX.Element {
  const { problems, accounts, sessions, program } = backup;
  if (problems.length === 0) {
    return (
      <p>
        <Chip kind="good">{t('files.intact')}</Chip>{' '}
        <span class="small">
          {tn('accounts.count', accounts)}, {tn('files.sessions', sessions)}, {program}
        </span>
      </p>
    );
  }
  return (
    <div class="stack">
      <Chip kind="bad">{t('files.damaged')}</Chip>
      <ul class="small">
        {problems.map((each) => (
          <li key={each}>{each}</li>
        ))}
      </ul>
    </div>
  );
}

function OpenAgain({ file }: { file: StoredFile }): JSX.Element {
  const title = useSignal(file.title?.trim() ?? '');
  const isOpen = useSignal(false);
  const { run, isRunning, problem } = useAction();
  const { kind, name } = file;
  if (!isOpen.value) {
    return (
      <div>
        <button
          type="button"
          class="button"
          onClick={() => {
            isOpen.value = true;
          }}
        >
          {t('files.open')}
        </button>
      </div>
    );
  }
  return (
    <form
      class="form"
      onSubmit={(event) => {
        event.preventDefault();
        void run(async () => {
          const made = await call('session.create', {
            file: { kind, name },
            ...(title.value.trim() !== '' && { title: title.value.trim() }),
          });
          toast(t('new.created'));
          go(sessionPath(made.id));
        });
      }}
    >
      <p class="soft small">{t('files.openText')}</p>
      <TextField label={t('session.titleField')} text={title} maxLength={100} />
      {problem}
      <div>
        <button type="submit" class="button" disabled={isRunning}>
          {t('new.create')}
        </button>
      </div>
    </form>
  );
}

function Delete({ file, onDone }: { file: StoredFile; onDone: () => void }): JSX.Element {
  const isAsking = useSignal(false);
  const { run, isRunning, problem } = useAction();
  const { kind, name } = file;
  return (
    <div class="stack">
      {problem}
      <div>
        <button
          type="button"
          class="button danger"
          disabled={isRunning || file.isInUse === true}
          onClick={() => {
            if (!isAsking.value) isAsking.value = true;
            else
              void run(async () => {
                await call('file.delete', { kind, name });
                toast(t('files.deleted', { name: visible(name) }));
                onDone();
              });
          }}
        >
          {t(isAsking.value ? 'files.deleteSure' : 'files.delete')}
        </button>
      </div>
    </div>
  );
}
